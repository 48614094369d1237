import type { APIRoute } from 'astro';
import { askingOf, respond } from '../../identity/respond.ts';

/** Leads to the issuer, and later back to `return_to`. With `again` it asks who it is even when it knows. */
export const GET: APIRoute = async (context) => {
  const { searchParams } = context.url;
  const given = { returnTo: searchParams.get('return_to'), again: searchParams.has('again') };
  return respond(context, await context.locals.identity.begin(given, askingOf(context)));
};
