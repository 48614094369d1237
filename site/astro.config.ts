import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import node from '@astrojs/node';
import react from '@astrojs/react';
import type { AstroIntegration } from 'astro';
import { defineConfig, passthroughImageService } from 'astro/config';

/** The one script that stands in every page as it is, since the page waits for it. */
const themeFirst = readFileSync(new URL('./src/scripts/theme-first.js', import.meta.url));
const hashOf = (script: Buffer) => `sha256-${createHash('sha256').update(script).digest('base64')}` as const;

/** Node's adapter, with an entry of ours: the server asks the app itself (src/server/pages.ts). */
const adapter = node({ mode: 'middleware', staticHeaders: true });
const configured = adapter.hooks['astro:config:done'];
adapter.hooks['astro:config:done'] = (given) =>
  configured?.({
    ...given,
    setAdapter: (its) =>
      given.setAdapter({ ...its, serverEntrypoint: new URL('./src/entry.ts', import.meta.url) }),
  });

let patterns: string[] = [];

/** Leaves beside the build which routes it has, so that each can be compared with what `routes.ts` says of it. */
const listRoutes: AstroIntegration = {
  name: 'list-routes',
  hooks: {
    'astro:routes:resolved': ({ routes }) => {
      patterns = routes.map(({ pattern }) => pattern).sort();
    },
    'astro:build:done': ({ dir }) => writeFile(new URL('../routes.json', dir), JSON.stringify(patterns)),
  },
};

export default defineConfig({
  output: 'server',
  adapter,
  integrations: [react(), listRoutes],
  ...(process.argv.includes('build')
    ? { logger: { entrypoint: new URL('./src/server/astro-logger.js', import.meta.url) } }
    : {}),
  // Sessions are the site's own: `src/identity`.
  session: false,
  // Pictures come from storage in the sizes we need: nothing is to be computed here.
  image: { service: passthroughImageService() },
  markdown: { syntaxHighlight: false },
  devToolbar: { enabled: false },
  redirects: {
    '/readers/browse': { status: 301, destination: '/readers' },
    '/shop/products': { status: 301, destination: '/shop' },
    '/readings/list': { status: 301, destination: '/readings' },
    '/accounts/login': { status: 301, destination: '/auth/sign-in' },
  },
  build: {
    server: './pages/',
    client: './client/',
    // A first visit waits for each file that a page names in its head, and browsers fetch six at a time.
    inlineStylesheets: 'always',
  },
  // Small scripts stand in the page, as hashes in the Content-Security-Policy allow; what else is in a file stays there.
  vite: { build: { assetsInlineLimit: (file, content) => file.endsWith('.js') && content.length < 4_096 } },
  security: {
    checkOrigin: true,
    csp: {
      directives: [
        "default-src 'none'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        'report-uri /api/reports',
        'report-to reports',
      ],
      scriptDirective: { hashes: [hashOf(themeFirst)] },
    },
  },
});
