// What Astro builds of the pages: the handler of requests, and the app, by which pages are also written apart from any request.
import { createApp } from 'astro/app/entrypoint';

export { handler } from '@astrojs/node/server.js';
export const app = createApp();
