import type { APIRoute } from 'astro';
import { askingOf, respond } from '../../identity/respond.ts';

/** Where the issuer leads back to. */
export const GET: APIRoute = async (context) =>
  respond(context, await context.locals.identity.finish(context.url.search, askingOf(context)));
