/** The description of our interface, for programs at /openapi.json and for people at /docs. */

import { createHash } from 'node:crypto';
import swagger from '@fastify/swagger';
import reference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Must come before the routes that it describes. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'SoulSeer realtime',
        version: '1',
        description: 'Errors are `application/problem+json` (RFC 9457) with a stable `code`.',
      },
      tags: [
        { name: 'Time', description: 'The server’s clock' },
        { name: 'Sockets', description: 'Tickets for sockets, and what closes them' },
        { name: 'Reports', description: 'What browsers report' },
        { name: 'Directory', description: 'People and readers as the CMS tells them, and who the caller is' },
        { name: 'Audit', description: 'What staff did and who was refused' },
        { name: 'Mails', description: 'Mails to people' },
        { name: 'Wallet', description: 'A person’s own money' },
        { name: 'Money of the shop', description: 'What commerce tells the ledger of cards and orders' },
        { name: 'Receipts', description: 'Signed receipts of sessions, and the keys to check them with' },
        { name: 'Sessions', description: 'Two people in a room' },
        { name: 'Readers', description: 'Readers’ presence, and the line for a busy one' },
        { name: 'Staff', description: 'What staff do' },
        { name: 'Operations', description: 'Health of the program' },
      ],
      components: {
        securitySchemes: {
          person: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The issuer’s access token',
          },
          program: {
            type: 'apiKey',
            in: 'header',
            name: 'x-soulseer-signature',
            description: 'The signature of one of our own programs: docs/service-calls.md',
          },
        },
      },
    },
    transform: (given) => {
      const transformed = jsonSchemaTransform(given as never);
      const access = given.route.config?.access;
      if (access === undefined || !transformed.schema) return transformed;
      // Open to anybody is said in so many words too.
      const security = access === 'anyone' ? [] : 'people' in access ? [{ person: [] }] : [{ program: [] }];
      return { ...transformed, schema: { ...transformed.schema, security } };
    },
    transformObject: jsonSchemaTransformObject,
  });

  app.get(
    '/openapi.json',
    { config: { access: 'anyone' }, schema: { hide: true } },
    async (_request, reply) => reply.header('cache-control', 'no-cache').send(app.swagger()),
  );

  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'anyone' };
    });
    // The page and its script come from us alone: its own policy holds it to that.
    scope.addHook('onSend', async (_request, reply, payload) => {
      if (typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')) {
        reply
          .header('content-security-policy', policyFor(payload))
          .header('x-content-type-options', 'nosniff');
      }
      return payload;
    });
    await scope.register(reference, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: 'SoulSeer realtime',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    });
  });
}

function policyFor(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = inline.map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
