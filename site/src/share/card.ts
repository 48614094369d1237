import { createHash } from 'node:crypto';
import type { Article, Guide, Picture, Pictures, Reader, TextPage } from '../cms/views.ts';
import type { Product } from '../shop/shop.ts';
import { type Sign, signWords } from '../text/horoscopes.ts';
import { shareWords } from '../text/share.ts';
import { counted, listed } from '../text/words.ts';

/** Size of every picture in pixels: what Open Graph’s readers ask for. */
export const shareSize = { width: 1200, height: 630 } as const;

/** Raised whenever `draw.ts` draws otherwise, so that every picture has a new address. */
const design = 1;

export const shareKinds = ['readers', 'articles', 'guides', 'horoscopes', 'shop', 'pages'] as const;
export type ShareKind = (typeof shareKinds)[number];

/** What a shared page’s picture shows, and nothing else: its address changes with any of it. */
export interface Card {
  kind: ShareKind;
  slug: string;
  kicker: string;
  title: string;
  line: string;
  rating: { average: string; reviews: string } | null;
  picture: Pick<Picture, 'src' | 'width' | 'height'> | null;
  sign: Sign | null;
}

const plain = { rating: null, picture: null, sign: null };

/** A larger picture than is shown is not worth its way. */
const small = (pictures: Pictures | null): Card['picture'] => {
  const chosen = pictures?.card ?? pictures;
  return chosen ? { src: chosen.src, width: chosen.width, height: chosen.height } : null;
};

export const readerCard = ({ slug, name, headline, portrait, rating, specialities }: Reader): Card => ({
  ...plain,
  kind: 'readers',
  slug,
  kicker: listed(specialities.slice(0, 3).map((one) => one.name)) || 'Reader',
  title: name,
  line: headline,
  rating: rating && {
    average: rating.average.toFixed(1),
    reviews: counted(rating.count, 'review'),
  },
  picture: small(portrait),
});

export const articleCard = ({ slug, title, category, author_name, cover }: Article): Card => ({
  ...plain,
  kind: 'articles',
  slug,
  kicker: category?.name ?? 'Article',
  title,
  line: author_name && `By ${author_name}`,
  picture: small(cover),
});

export const guideCard = ({ slug, title, summary, speciality }: Guide): Card => ({
  ...plain,
  kind: 'guides',
  slug,
  kicker: speciality?.name ?? 'Guide',
  title,
  line: summary,
});

export const signCard = (sign: Sign): Card => ({
  ...plain,
  kind: 'horoscopes',
  slug: sign,
  kicker: 'Today’s horoscope',
  title: signWords[sign].name,
  line: `${signWords[sign].from} – ${signWords[sign].to}`,
  sign,
});

export const productCard = ({ handle, title, subtitle, pictures: [picture] }: Product): Card => ({
  ...plain,
  kind: 'shop',
  slug: handle,
  kicker: 'Shop',
  title,
  line: subtitle,
  // In the size in which the shop shows it.
  picture: picture ? { src: picture.url, width: 600, height: 600 } : null,
});

export const textCard = ({ slug, title, summary }: TextPage): Card => ({
  ...plain,
  kind: 'pages',
  slug,
  kicker: 'SoulSeer',
  title,
  line: summary,
});

export type OwnPage = keyof typeof shareWords;
export const isOwnPage = (slug: string): slug is OwnPage => Object.hasOwn(shareWords, slug);
export const ownCard = (slug: OwnPage): Card => ({ ...plain, kind: 'pages', slug, ...shareWords[slug] });

/** The path of a card’s picture. Whoever has seen it may keep it for ever: another content has another path. */
export function shareHref(card: Card): string {
  const version = createHash('sha256')
    .update(JSON.stringify([design, card]))
    .digest('hex')
    .slice(0, 16);
  return `/share/${card.kind}/${card.slug}/${version}.jpg`;
}

/** What the picture says, for whoever can’t see it. */
export const shareAlt = ({ kicker, title, line }: Card): string =>
  [kicker, title, line].filter(Boolean).join('. ');
