import { articleCategories, articles } from './articles/index.ts';
import { forumCategories, forumThreads } from './forum/index.ts';
import { gifts } from './gifts.ts';
import { guides } from './guides.ts';
import { home } from './home.ts';
import { horoscopes } from './horoscopes.ts';
import { faq, navigation, pages } from './pages.ts';
import { makePast } from './past.ts';
import { people } from './people.ts';
import { productCategories, products } from './products.ts';
import { readers } from './readers/index.ts';
import { makeReviews } from './reviews.ts';
import {
  type CmsWorld,
  type CommerceWorld,
  cmsSchema,
  commerceSchema,
  type Picture,
  type RealtimeWorld,
  type ReviewsWorld,
  realtimeSchema,
  reviewsSchema,
} from './schema.ts';
import { specialities } from './specialities.ts';

/** The whole demo world, checked against its schemas. Throws a ZodError that names what doesn't fit. */
export function makeWorld(): {
  cms: CmsWorld;
  commerce: CommerceWorld;
  realtime: RealtimeWorld;
  reviews: ReviewsWorld;
} {
  return {
    cms: cmsSchema.parse({
      people,
      specialities,
      readers,
      article_categories: articleCategories,
      articles,
      gifts,
      forum_categories: forumCategories,
      forum_threads: forumThreads,
      pages,
      guides,
      faq,
      navigation,
      horoscopes,
      home,
    }),
    commerce: commerceSchema.parse({ categories: productCategories, products }),
    realtime: realtimeSchema.parse({
      sessions: makePast(),
      staff: people.find(({ role }) => role === 'admin')?.subject,
    }),
    reviews: reviewsSchema.parse({ reviews: makeReviews() }),
  };
}

/** Every picture that the world speaks of, in the order it is met. */
export function picturesOf({
  cms,
  commerce,
}: Pick<ReturnType<typeof makeWorld>, 'cms' | 'commerce'>): Picture[] {
  return [
    ...cms.readers.map((reader) => reader.portrait),
    ...cms.articles.map((article) => article.cover),
    ...cms.gifts.map((gift) => gift.picture),
    ...commerce.products.flatMap((product) => product.pictures),
  ];
}
