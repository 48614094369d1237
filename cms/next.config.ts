import { fileURLToPath } from 'node:url';
import { withPayload } from '@payloadcms/next/withPayload';
import type { NextConfig } from 'next';

const workspaceRoot = fileURLToPath(new URL('..', import.meta.url));

// Only what is the same everywhere stands here: it is fixed when building. All else is read at boot (environment.ts).
const nextConfig: NextConfig = {
  output: 'standalone',
  // pnpm keeps the packages at the root of the workspace, so that is where tracing has to begin.
  outputFileTracingRoot: workspaceRoot,
  turbopack: { root: workspaceRoot },
  // Read as sources, as Node reads them where nothing is built (migrations, seeds).
  transpilePackages: ['realtime'],
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true }, // `pnpm types` does it; twice would only be slower
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
        {
          key: 'Content-Security-Policy',
          value: "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
        },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
        // A browser heeds it over https alone.
        { key: 'Strict-Transport-Security', value: 'max-age=31536000' },
      ],
    },
  ],
};

export default withPayload(nextConfig);
