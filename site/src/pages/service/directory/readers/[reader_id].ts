import type { APIRoute } from 'astro';

/** Where the CMS tells of a reader: docs/service-calls.md. */
export const PUT: APIRoute = ({ request, params, locals }) => {
  const { target, address, request_id } = locals;
  return locals.directoryDoor.putReader({ request, target, id: params.reader_id, address, request_id });
};
