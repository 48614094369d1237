import type { APIRoute } from 'astro';

/** Where the CMS tells of a person: docs/service-calls.md. */
export const PUT: APIRoute = ({ request, params, locals }) => {
  const { target, address, request_id } = locals;
  return locals.directoryDoor.putPerson({ request, target, id: params.person_id, address, request_id });
};
