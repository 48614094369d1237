/**
 * Who may call what. Whatever has no rule here is not there (404): Medusa brings some six hundred routes, of which the
 * platform needs a part, and a new version may bring more. The first rule that fits decides.
 */

/** The kinds of callers. */
export type Who =
  /** Anybody; a token that is sent along must be good all the same. */
  | 'anyone'
  /** An active person of any role, by the token that Medusa gave for their access token. */
  | 'person'
  /** An active person with the role admin, by the session of the admin's sign-in page. */
  | 'admin'
  /** The CMS, by its signature. */
  | 'cms'
  /** Stripe, by its signature. */
  | 'stripe'
  /** Nobody: shut. */
  | 'nobody';

/** Methods with commas between, or `*`; a path as Express writes it, `/*` at its end for all below. */
type Rule = readonly [methods: string, path: string, who: Who];

const RULES: readonly Rule[] = [
  // Our own.
  ['GET', '/health', 'anyone'],
  ['GET', '/ready', 'anyone'],
  ['PUT', '/service/directory/people/:person_id', 'cms'],
  ['POST', '/stripe/webhook', 'stripe'],
  // Medusa's own door for events of payment providers answers before it checks who sent them.
  ['*', '/hooks/*', 'nobody'],
  ['GET', '/auth/staff', 'anyone'],
  ['GET', '/auth/staff/sign-in', 'anyone'],
  ['GET', '/auth/staff/callback', 'anyone'],
  ['GET', '/auth/staff/sign-out', 'anyone'],

  // The admin's pages, and what they ask before anybody is signed in.
  ['GET', '/app', 'anyone'],
  ['GET', '/app/*', 'anyone'],
  ['GET', '/auth/user/providers', 'anyone'],
  ['GET', '/cloud/auth', 'anyone'],
  ['GET', '/admin/feature-flags', 'anyone'],
  ['DELETE', '/auth/session', 'anyone'],

  // Customers sign in by access token. No other way in: no password, reset, invitation, verification, second factor,
  // registration, session from a token, or token from a token.
  ['POST', '/auth/customer/soulseer', 'anyone'],

  // People are the CMS's to make, name and end.
  ['*', '/admin/invites', 'nobody'],
  ['*', '/admin/invites/*', 'nobody'],
  ['POST,DELETE', '/admin/users/:id', 'nobody'],
  ['POST', '/admin/users/:id/reset-password', 'nobody'],
  ['POST', '/admin/customers', 'nobody'],
  ['POST,DELETE', '/admin/customers/:id', 'nobody'],
  // Keys would be a way past the sign-in. The publishable one is the seed's and can be looked at.
  ['POST,DELETE', '/admin/api-keys', 'nobody'],
  ['POST,DELETE', '/admin/api-keys/*', 'nobody'],
  // Roles are the CMS's too.
  ['*', '/admin/rbac/*', 'nobody'],
  ['*', '/admin/users/:id/roles', 'nobody'],
  ['*', '/admin/users/:id/roles/*', 'nobody'],
  ['*', '/admin', 'admin'],
  ['*', '/admin/*', 'admin'],

  // The catalogue, to whoever has the publishable key, which Medusa checks.
  ['GET', '/store/products', 'anyone'],
  ['GET', '/store/products/:id', 'anyone'],
  ['GET', '/store/product-categories', 'anyone'],
  ['GET', '/store/product-categories/:id', 'anyone'],
  ['GET', '/store/collections', 'anyone'],
  ['GET', '/store/collections/:id', 'anyone'],
  ['GET', '/store/product-tags', 'anyone'],
  ['GET', '/store/product-tags/:id', 'anyone'],
  ['GET', '/store/product-types', 'anyone'],
  ['GET', '/store/product-types/:id', 'anyone'],
  ['GET', '/store/regions', 'anyone'],
  ['GET', '/store/regions/:id', 'anyone'],
  ['GET', '/store/currencies', 'anyone'],
  ['GET', '/store/currencies/:code', 'anyone'],
  // Somebody's own. The name and address of mail are the directory's, so POST of `me` is not here.
  ['GET', '/store/customers/me', 'person'],
  ['GET,POST', '/store/customers/me/addresses', 'person'],
  ['GET,POST,DELETE', '/store/customers/me/addresses/:address_id', 'person'],
  ['GET', '/store/top-ups/options', 'person'],
  ['POST', '/store/top-ups/one-tap', 'person'],
  ['GET,POST', '/store/top-ups', 'person'],
  ['GET', '/store/top-ups/:id', 'person'],
  ['GET,PUT,DELETE', '/store/automatic-top-up', 'person'],
  ['GET,POST', '/store/cards', 'person'],
  ['DELETE', '/store/cards/:id', 'person'],
  // The shop by our own routes; Medusa's carts, payment sessions and orders stay shut. Whose cart it is, shop/carts.ts asks.
  ['GET', '/store/shop/products', 'anyone'],
  ['POST', '/store/shop/carts', 'anyone'],
  ['GET', '/store/shop/carts/mine', 'person'],
  ['GET', '/store/shop/carts/:id', 'anyone'],
  ['POST', '/store/shop/carts/:id/items', 'anyone'],
  ['POST', '/store/shop/carts/:id/items/:item_id', 'anyone'],
  ['POST', '/store/shop/carts/:id/claim', 'person'],
  ['POST', '/store/shop/carts/:id/delivery', 'person'],
  ['POST', '/store/shop/carts/:id/pay', 'person'],
  ['GET', '/store/shop/orders', 'person'],
  ['GET', '/store/shop/orders/:id', 'person'],
  ['POST', '/store/shop/orders/:id/downloads/:file_id', 'person'],
];

const compiled = RULES.map(([methods, path, who]) => ({
  methods: methods === '*' ? undefined : new Set(methods.split(',')),
  // As Express matches: in any case, with or without a slash at the end.
  pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\/\*$/, '/.+')}/?$`, 'i'),
  who,
}));

/** Who may call this. `HEAD` is what `GET` is. */
export function whoMayCall(method: string, path: string): Who {
  const asked = method === 'HEAD' ? 'GET' : method;
  const rule = compiled.find((one) => (one.methods?.has(asked) ?? true) && one.pattern.test(path));
  return rule?.who ?? 'nobody';
}
