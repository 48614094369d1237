import type { APIRoute } from 'astro';
import { askingOf, respond } from '../../identity/respond.ts';

/** Ends the session here, and leads to where the issuer ends its own. */
export const POST: APIRoute = async (context) =>
  respond(context, await context.locals.identity.signOut(askingOf(context)));
