/** Who may call a route. Every route says so; one that doesn't keeps the program from starting. */

import type { FastifyInstance, RouteOptions } from 'fastify';

/** The kinds of callers. The default is nobody, so there is no word for that. */
export type Access = 'anyone';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** Must come before any route. At boot it throws, naming each route that doesn't declare its access. */
export function requireAccessDeclared(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  // Looked at when all is in place, since a scope may declare for the plugins within it.
  app.addHook('onReady', async () => {
    const undeclared = routes.filter((route) => route.config?.access === undefined);
    if (undeclared.length === 0) return;
    const names = undeclared.map((route) => `${String(route.method)} ${route.url}`);
    throw new Error(`these routes don't say who may call them: ${names.join(', ')}`);
  });
}
