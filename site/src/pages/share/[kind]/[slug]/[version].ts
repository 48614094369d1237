import type { APIRoute } from 'astro';
import { isCmsUnavailable } from '../../../../cms/unavailable.ts';
import { problemResponse, problems } from '../../../../server/problem.ts';
import {
  articleCard,
  type Card,
  guideCard,
  isOwnPage,
  ownCard,
  productCard,
  readerCard,
  type ShareKind,
  shareHref,
  shareKinds,
  signCard,
  textCard,
} from '../../../../share/card.ts';
import { isSign } from '../../../../text/horoscopes.ts';

/** What a slug can be, of whatever kind. */
const slugs = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const mostOfSlug = 120;

/** X2: the picture of a page for where it is shared. An address of before leads to the present one. */
export const GET: APIRoute = async ({ locals, params, url }) => {
  const { cms, request_id, shop, sharePictures } = locals;
  const { kind, slug = '', version = '' } = params;

  async function find(of: ShareKind): Promise<Card | null | undefined> {
    switch (of) {
      case 'readers': {
        const reader = await cms.reader(slug, request_id);
        return reader && readerCard(reader);
      }
      case 'articles': {
        const article = await cms.article(slug, request_id);
        return article && articleCard(article);
      }
      case 'guides': {
        const guide = await cms.guide(slug, request_id);
        return guide && guideCard(guide);
      }
      case 'horoscopes':
        return isSign(slug) ? signCard(slug) : null;
      case 'shop': {
        const product = (await shop.window(request_id))?.products.find(({ handle }) => handle === slug);
        return product && productCard(product);
      }
      case 'pages': {
        if (isOwnPage(slug)) return ownCard(slug);
        const page = await cms.page(slug, request_id);
        return page && textCard(page);
      }
    }
  }

  const of = shareKinds.find((one) => one === kind);
  if (!of || !slugs.test(slug) || slug.length > mostOfSlug || !/^[0-9a-f]{16}\.jpg$/.test(version))
    return problemResponse(problems.not_found, request_id);
  try {
    const card = await find(of);
    if (!card) return problemResponse(problems.not_found, request_id);
    const href = shareHref(card);
    if (href !== url.pathname)
      return new Response(null, { status: 302, headers: { location: href, 'cache-control': 'no-cache' } });
    const picture = await sharePictures.of(card);
    if (!picture) return problemResponse(problems.drawing_busy, request_id, { 'retry-after': '10' });
    return new Response(new Uint8Array(picture.jpeg), {
      headers: {
        'content-type': 'image/jpeg',
        'cache-control': picture.lacking ? 'no-cache' : 'public, max-age=31536000, immutable',
        // It is made to be shown elsewhere.
        'cross-origin-resource-policy': 'cross-origin',
      },
    });
  } catch (error) {
    if (!isCmsUnavailable(error)) throw error;
    return problemResponse(problems.cms_unavailable, request_id, { 'retry-after': '30' });
  }
};
