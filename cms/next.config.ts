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
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true }, // `pnpm types` does it; twice would only be slower
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
      ],
    },
  ],
};

export default withPayload(nextConfig);
