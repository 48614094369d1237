import type { APIRoute } from 'astro';
import { isCmsUnavailable } from '../../cms/unavailable.ts';
import { problemResponse, problems } from '../../server/problem.ts';
import { xmlResponse, xmlText } from '../../text/xml.ts';

/** The newest articles, for whoever follows them in a program of their own (RSS 2.0). */
export const GET: APIRoute = async ({ locals }) => {
  const { cms, environment, request_id } = locals;
  const element = (name: string, text: string) => `<${name}>${xmlText(text)}</${name}>`;
  const at = (path: string) => environment.SITE_URL + path;
  try {
    const { items } = await cms.articles(1, request_id);
    const articles = items.map(({ slug, title, summary, published_at }) =>
      [
        '<item>',
        element('title', title),
        element('link', at(`/articles/${slug}`)),
        element('guid', at(`/articles/${slug}`)),
        element('description', summary),
        ...(published_at ? [element('pubDate', new Date(published_at).toUTCString())] : []),
        '</item>',
      ].join(''),
    );
    return xmlResponse(
      'application/rss+xml',
      [
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
        element('title', 'SoulSeer: articles'),
        element('link', at('/articles')),
        element('description', 'On readings, questions and the sky: written by our readers and staff.'),
        element('language', 'en-GB'),
        `<atom:link href="${xmlText(at('/articles/rss.xml'))}" rel="self" type="application/rss+xml"/>`,
        ...articles,
        '</channel></rss>',
      ].join('\n'),
    );
  } catch (error) {
    if (!isCmsUnavailable(error)) throw error;
    return problemResponse(problems.cms_unavailable, request_id, { 'retry-after': '30' });
  }
};
