import type { APIRoute } from 'astro';
import { isCmsUnavailable } from '../cms/unavailable.ts';
import { problemResponse, problems } from '../server/problem.ts';
import { signs } from '../text/horoscopes.ts';
import { xmlResponse, xmlText } from '../text/xml.ts';

/** Every public page, for search engines. */
export const GET: APIRoute = async ({ locals }) => {
  const { cms, environment, request_id } = locals;
  try {
    const always = [
      '/',
      '/readers',
      '/articles',
      '/guides',
      '/horoscopes',
      ...signs.map((sign) => `/horoscopes/${sign}`),
      '/faq',
      '/become-a-reader',
    ].map((path) => ({ path }));
    const pages: { path: string; changed?: string }[] = [...always, ...(await cms.sitemap(request_id))];
    const urls = pages.map(
      ({ path, changed }) =>
        `<url><loc>${xmlText(environment.SITE_URL + path)}</loc>${changed ? `<lastmod>${xmlText(changed)}</lastmod>` : ''}</url>`,
    );
    return xmlResponse(
      'application/xml',
      `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls.join('\n')}\n</urlset>`,
    );
  } catch (error) {
    if (!isCmsUnavailable(error)) throw error;
    return problemResponse(problems.cms_unavailable, request_id, { 'retry-after': '30' });
  }
};
