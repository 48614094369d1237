import type { APIRoute } from 'astro';

/** What search engines leave alone, and where the list of pages is. */
export const GET: APIRoute = ({ locals }) =>
  new Response(
    [
      'User-agent: *',
      ...['/api/', '/auth/', '/design', '/preview/', '/dashboard', '/wallet', '/readings'].map(
        (path) => `Disallow: ${path}`,
      ),
      '',
      `Sitemap: ${locals.environment.SITE_URL}/sitemap.xml`,
      '',
    ].join('\n'),
    { headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' } },
  );
