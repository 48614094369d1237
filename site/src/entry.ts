// What Astro builds of the pages: the app, which the server asks for each (server/pages.ts).
import { createApp } from 'astro/app/entrypoint';

// A page is compressed whole, and its policy is made of what stands in it (middleware.ts): nothing goes out in parts.
export const app = createApp({ streaming: false });
