/** Whoever comes to the CMS's door wants the admin. A relative address holds behind every proxy. */
export function GET(): Response {
  return new Response(null, { status: 307, headers: { location: '/admin' } });
}
