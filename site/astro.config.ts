import node from '@astrojs/node';
import react from '@astrojs/react';
import { defineConfig, passthroughImageService } from 'astro/config';
import { bodyLimitBytes } from './src/server/limits.ts';

export default defineConfig({
  output: 'server',
  // The proxy in `src/server/proxy.ts` refuses at the limit, and more kindly; this is a second fence behind it.
  adapter: node({ mode: 'middleware', bodySizeLimit: 2 * bodyLimitBytes, staticHeaders: true }),
  integrations: [react()],
  ...(process.argv.includes('build')
    ? { logger: { entrypoint: new URL('./src/server/astro-logger.js', import.meta.url) } }
    : {}),
  // The site keeps no session of Astro's own; who is signed in comes with the identity issue.
  session: false,
  // Pictures come from storage in the sizes we need: nothing is to be computed here.
  image: { service: passthroughImageService() },
  markdown: { syntaxHighlight: false },
  devToolbar: { enabled: false },
  redirects: { '/readers/browse': { status: 301, destination: '/readers' } },
  build: {
    server: './pages/',
    client: './client/',
    // A stylesheet in a file is cached, and needs no hash in the Content-Security-Policy.
    inlineStylesheets: 'never',
  },
  vite: { build: { assetsInlineLimit: 0 } },
  security: {
    checkOrigin: true,
    // `src/main.ts` writes the forwarded headers itself, from SITE_URL: what a visitor sends in them never arrives here.
    allowedDomains: [{}],
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
    },
  },
});
