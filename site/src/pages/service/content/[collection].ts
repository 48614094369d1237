import type { APIRoute } from 'astro';

/** Where the CMS tells that something it publishes has changed: docs/service-calls.md. */
export const PUT: APIRoute = ({ request, params, locals }) => {
  const { target, address, request_id } = locals;
  return locals.directoryDoor.putContent({ request, target, id: params.collection, address, request_id });
};
