import { z } from 'zod';
import { type Searched, search } from '../search.ts';
import type { Product } from './shop.ts';

export const shopSorts = ['suggested', 'newest', 'price', 'dearest', 'name'] as const;
export const shopSortWords: Record<(typeof shopSorts)[number], string> = {
  suggested: 'Suggested',
  newest: 'Newest',
  price: 'Lowest price',
  dearest: 'Highest price',
  name: 'Name',
};
export const kindWords = { digital: 'To download', physical: 'By post' } as const;
/** Prices that can be chosen as the most, in dollars. */
export const mostPrices = [10, 20, 30, 50] as const;
export const productsPerPage = 12;

const slug = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const shape = {
  q: z.string().max(80),
  category: slug,
  kind: z.enum(['digital', 'physical']),
  reader: slug,
  most: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number),
  sort: z.enum(shopSorts),
  page: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number),
};

export interface ShopQuery {
  q?: string | undefined;
  category?: string | undefined;
  kind?: 'digital' | 'physical' | undefined;
  reader?: string | undefined;
  /** In dollars. */
  most?: number | undefined;
  sort: (typeof shopSorts)[number];
  page: number;
}

/** Reads the query of the shop's page. An empty value is the same as none; names of what can't be used are told. */
export function readShopQuery(params: URLSearchParams): { query: ShopQuery; wrong: string[] } {
  const query: Record<string, unknown> = { sort: 'suggested', page: 1 };
  const wrong: string[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const values = params.getAll(name).flatMap((value) => value.trim() || []);
    if (values.length === 0) continue;
    const read = schema.safeParse(values.length === 1 ? values[0] : undefined);
    if (read.success) query[name] = read.data;
    else wrong.push(name);
  }
  return { query: query as unknown as ShopQuery, wrong };
}

/** The shortest address that means the query with the changes. */
export function shopHref(query: ShopQuery, change: Partial<ShopQuery> = {}): string {
  const next: ShopQuery = { ...query, page: 1, ...change };
  const params = new URLSearchParams();
  for (const name of ['q', 'category', 'kind', 'reader', 'most'] as const)
    if (next[name]) params.set(name, String(next[name]));
  if (next.sort !== 'suggested') params.set('sort', next.sort);
  if (next.page > 1) params.set('page', String(next.page));
  const text = params.toString();
  return text ? `/shop?${text}` : '/shop';
}

export const priceOf = (product: Product): number =>
  Math.min(...product.variants.map(({ price_cents }) => price_cents));
export const isSoldOut = (product: Product): boolean =>
  product.variants.every(({ in_stock }) => in_stock === 0);

/** Narrowed, searched and sorted, and the page that was asked for. */
export function choose(
  products: readonly Product[],
  query: ShopQuery,
): { items: Product[]; total: number; pages: number; page: number } {
  const narrowed = products.filter(
    (one) =>
      (!query.category || one.categories.some(({ slug: it }) => it === query.category)) &&
      (!query.kind || one.kind === query.kind) &&
      (!query.reader || one.reader_slug === query.reader) &&
      (!query.most || priceOf(one) <= query.most * 100),
  );
  const found = query.q
    ? search(
        query.q,
        narrowed.map(
          (item): Searched<Product> => ({
            item,
            texts: [
              [item.title, 6],
              [item.subtitle, 3],
              [item.categories.map(({ name }) => name).join(' '), 2],
              [item.description, 1],
            ],
          }),
        ),
      )
    : narrowed;
  const sorted = query.sort === 'suggested' ? found : [...found].sort(orders[query.sort]);
  const pages = Math.max(1, Math.ceil(sorted.length / productsPerPage));
  const start = (query.page - 1) * productsPerPage;
  return {
    items: sorted.slice(start, start + productsPerPage),
    total: sorted.length,
    pages,
    page: query.page,
  };
}

const byName = (one: Product, other: Product) => one.title.localeCompare(other.title, 'en');
const orders = {
  newest: (one: Product, other: Product) => other.created_at_ms - one.created_at_ms || byName(one, other),
  price: (one: Product, other: Product) => priceOf(one) - priceOf(other) || byName(one, other),
  dearest: (one: Product, other: Product) => priceOf(other) - priceOf(one) || byName(one, other),
  name: byName,
};
