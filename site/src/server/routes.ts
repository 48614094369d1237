import type { Role } from 'realtime/contract';
import type { Visitor } from '../identity/sessions.ts';
import { type Problem, problems } from './problem.ts';
import type { Limited } from './rate-limits.ts';

/** Who may call a route. There is no word for nobody: that is what every route is that isn't named here. */
export type Access =
  | 'anyone'
  /** Whoever is signed in and not suspended. */
  | 'people'
  /** Of those, whoever has one of these roles. */
  | { roles: readonly Role[] }
  /** A program that signs its calls: docs/service-calls.md. The route itself checks the signature. */
  | { service: 'cms' };

/** What only reads. */
export const reading: readonly string[] = ['GET', 'HEAD'];

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Route {
  access: Partial<Record<Method, Access>>;
  /** What each call counts as, besides `change` for those that change something. */
  limit?: Limited;
  /** Answers are for programs: what is wrong is told in JSON. */
  json?: true;
  /** What nobody in particular is shown is kept, by these names of its query and no others; for how long, `pages-cache.ts` says. */
  kept?: readonly string[];
  /** The largest body, in bytes, where it is another than everywhere. */
  bodyBytes?: number;
}

const open = { access: { GET: 'anyone' } } as const satisfies Route;
const kept = { access: { GET: 'anyone' }, kept: [] } as const satisfies Route;
const directory = { access: { PUT: { service: 'cms' } }, json: true } as const satisfies Route;

/** 1 MiB: the largest body, where a route doesn't say another. */
export const bodyLimitBytes = 1024 * 1024;
/** 12 MiB: a portrait and a few documents. */
const applicationBytes = 12 * 1024 * 1024;

/** Every route, by its pattern as Astro writes it. */
export const routes: Record<string, Route> = {
  '/': kept,
  '/404': open,
  '/500': open,
  '/refused': open,
  '/starting': open,
  '/design': open,
  '/status': { ...open, json: true },
  '/health': { ...open, json: true },
  '/ready': { ...open, json: true },
  // Who is online now is asked anew each time.
  '/readers': {
    ...kept,
    kept: ['q', 'modality', 'speciality', 'language', 'most', 'rating', 'sort', 'page'],
  },
  '/readers/browse': open,
  // What is posted flags a review, or answers one.
  '/readers/[slug]': { access: { GET: 'anyone', POST: 'people' }, kept: ['reviews'] },
  '/age': { access: { POST: 'anyone' } },
  '/favourites': { access: { POST: 'people' } },
  '/articles': { ...kept, kept: ['page'] },
  '/articles/rss.xml': { ...open, json: true },
  '/robots.txt': { ...open, json: true },
  '/sitemap.xml': { ...open, json: true },
  '/sw.js': { ...open, json: true },
  '/offline': open,
  '/share/[kind]/[slug]/[version]': { ...open, json: true },
  '/articles/[slug]': kept,
  '/guides': kept,
  '/guides/[slug]': kept,
  '/horoscopes': kept,
  '/horoscopes/[sign]': kept,
  '/faq': kept,
  // Pages of plain words, by their name in the CMS; whatever has none is not there.
  '/[page]': kept,
  '/accounts/login': open,
  '/auth/sign-in': { ...open, limit: 'sign_in' },
  '/auth/callback': { ...open, limit: 'sign_in' },
  '/auth/sign-out': { access: { POST: 'anyone' } },
  '/dashboard': { access: { GET: 'people' } },
  // What is posted ends a live session.
  '/admin/dashboard': { access: { GET: { roles: ['admin'] }, POST: { roles: ['admin'] } } },
  // What is posted begins a top-up, charges a kept card, or forgets one.
  '/wallet': { access: { GET: 'people', POST: 'people' } },
  '/wallet/automatic': { access: { GET: 'people', POST: 'people' } },
  '/wallet/limits': { access: { GET: 'people', POST: 'people' } },
  // What is posted charges a kept card.
  '/wallet/one-tap': { access: { GET: 'people', POST: 'people' }, json: true },
  '/wallet/top-ups/[id]': { access: { GET: 'people' }, json: true },
  '/shop': open,
  '/shop/products': open,
  // What is posted puts something into the cart, which a guest may have too.
  '/shop/[handle]': { access: { GET: 'anyone', POST: 'anyone' } },
  '/cart': { access: { GET: 'anyone', POST: 'anyone' } },
  // What is posted says where to, or pays.
  '/checkout': { access: { GET: 'people', POST: 'people' } },
  '/orders': { access: { GET: 'people' } },
  '/orders/[id]': { access: { GET: 'people' } },
  '/orders/[id]/downloads/[file]': { access: { GET: 'people' } },
  '/readings': { access: { GET: 'people' } },
  '/readings/list': open,
  '/readings/[id]': { access: { GET: 'people' } },
  '/readings/[id]/review': { access: { GET: 'people', POST: 'people' } },
  '/become-a-reader': {
    access: { GET: 'anyone', POST: 'people' },
    limit: 'application',
    bodyBytes: applicationBytes,
  },
  '/.well-known/receipt-keys.json': { ...open, json: true },
  // realtime says itself who may call what.
  '/api/[...path]': {
    access: { GET: 'anyone', POST: 'anyone', PUT: 'anyone', DELETE: 'anyone' },
    json: true,
  },
  '/service/directory/people/[person_id]': directory,
  '/service/directory/readers/[reader_id]': directory,
  '/service/content/[collection]': directory,
  // Drafts, framed by the CMS's admin. What is posted is what its form says before it is saved.
  '/preview/[collection]/[id]': { access: { GET: { roles: ['admin'] }, POST: { roles: ['admin'] } } },
};

const table = Object.entries(routes)
  // What is written out comes before what has a place to fill.
  .sort(([one], [other]) => Number(one.includes('[')) - Number(other.includes('[')))
  .map(([pattern, route]) => ({ pattern, route, matches: expression(pattern) }));

function expression(pattern: string): RegExp {
  const source = pattern
    .replace(/[.]/g, '\\.')
    // At the root a name is a slug and nothing else, so that no odd spelling of another route is taken for a page.
    .replace(/^\/\[\w+\]$/, '/[a-z0-9]+(?:-[a-z0-9]+)*')
    .replace(/\/\[\\.\\.\\.\w+\]/g, '(?:/.*)?')
    .replace(/\[\w+\]/g, '[^/]+')
    .replace(/\/$/, '');
  return new RegExp(`^${source}/*$`);
}

/** The route of a path, or nothing. */
export const routeOf = (path: string): { pattern: string; route: Route } | undefined =>
  table.find(({ matches }) => matches.test(path));

/** Why a visitor isn't let in, or nothing. */
export function refusal(access: Access, visitor: Visitor): Problem | undefined {
  if (access === 'anyone' || (access !== 'people' && 'service' in access)) return undefined;
  switch (visitor.state) {
    case 'nobody':
      return problems.not_signed_in;
    case 'unknown':
      return problems.sessions_unavailable;
    case 'suspended':
      return problems.account_suspended;
    case 'somebody':
      if (access === 'people' || access.roles.includes(visitor.person.role)) return undefined;
      return problems.role_not_allowed;
  }
}
