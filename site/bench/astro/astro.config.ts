import node from '@astrojs/node';
import { defineConfig } from 'astro/config';

// The least that Astro does for a page: what `pnpm bench site` compares with.
export default defineConfig({ output: 'server', adapter: node({ mode: 'standalone' }), session: false });
