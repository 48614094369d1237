/**
 * Who may call a route. Every route says so in `config: { access }`; one that doesn't keeps the program from starting. What
 * it says is enforced here, before a body is parsed.
 */

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Role } from '../contract/directory.ts';
import { verifyRequest } from '../contract/signature.ts';
import type { Clock } from './clock.ts';
import { networkOf } from './identity/address.ts';
import type { Limits } from './identity/limits.ts';
import { sendProblem } from './problems.ts';

export type Caller = 'cms' | 'commerce' | 'site';

/** The kinds of callers. The default is nobody, so there is no word for that. */
export type Access =
  | 'anyone'
  /** Whoever is signed in with one of these roles and not suspended: `request.person`. */
  | { people: readonly [Role, ...Role[]] }
  /** A program that signs its call: `request.caller`. `once` refuses a call that is played again: where money moves. */
  | { services: readonly [Caller, ...Caller[]]; once?: true };

/** An active person, by our own copy of the directory. */
export interface Person {
  person_id: string;
  role: Role;
  display_name: string;
  /** The reader's own; a client has none yet. */
  time_zone?: string;
}

/** Why somebody is turned away, as they are told. */
export interface Denial {
  status: 401 | 403 | 429 | 503;
  code: string;
  title: string;
  /** Whom it was, where that is known. */
  person_id?: string;
  /** In how many seconds to come again. */
  retryAfter?: number;
}

export type Identified = { ok: true; person: Person } | { ok: false; denial: Denial };

/** A limit of a route's own, beside those of every address and account. `false`: not counted at all. */
export type RouteLimit = false | { name: string; perMinute: number };

/** Requests a minute from one address, which a household or an office may share, and of one account. */
export const OF_ADDRESS = { name: 'address', perMinute: 1_200 };
export const OF_ACCOUNT = { name: 'account', perMinute: 600 };

export interface AccessParts {
  clock: Clock;
  limits: Pick<Limits, 'count'>;
  /** Whether an address is a proxy of ours, which speaks for many. */
  isProxy: (address: string) => boolean;
  /** The active person that an Authorization header stands for. */
  identify: (authorization: string | undefined) => Promise<Identified>;
  /** The secrets by which each program signs its calls to us. */
  serviceKeys: Readonly<Record<Caller, readonly string[]>>;
  /** Remembers a nonce; false when it was there already. */
  rememberNonce: (nonce: string) => Promise<boolean>;
  /** Told of everybody who was turned away. Must neither throw nor wait. */
  denied?: (request: FastifyRequest, denial: Denial) => void;
}

export interface DeclaredAccess {
  method: string;
  url: string;
  access: Access;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /**
     * A limit of the route's own: by account where people call it, by address where anybody does. Its name is its key
     * among all routes.
     */
    limit?: RouteLimit;
  }
  interface FastifyInstance {
    /** Every route and who may call it, complete when the server is ready. */
    readonly declaredAccess: readonly DeclaredAccess[];
  }
  interface FastifyRequest {
    /** Whoever is signed in. Only on a route whose access says `people`; elsewhere to ask is a bug and throws. */
    readonly person: Person;
    /** The program that calls. Only on a route whose access says `services`; elsewhere to ask is a bug and throws. */
    readonly caller: Caller;
  }
}

const SIGNATURE_TITLES = {
  signature_missing: 'This is for our own programs: the call must be signed',
  signature_unknown_key: 'The call is signed with a key that is not known here',
  signature_wrong: 'The signature is not that of this call',
  signature_expired: 'The call was signed too long ago, or by a wrong clock',
  signature_replayed: 'This call was made already',
};

/** Must come before any route. At boot it throws, naming each route that doesn't declare its access. */
export function guardAccess(app: FastifyInstance, parts: AccessParts): void {
  requireAccessDeclared(app);

  const people = new WeakMap<FastifyRequest, Person>();
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.decorateRequest('person', {
    getter() {
      return present(people.get(this), 'person', this);
    },
  });
  app.decorateRequest('caller', {
    getter() {
      return present(callers.get(this), 'caller', this);
    },
  });

  function deny(request: FastifyRequest, reply: FastifyReply, denial: Denial): FastifyReply {
    parts.denied?.(request, denial);
    const { status, code, title, retryAfter } = denial;
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    if (status === 401 && !code.startsWith('signature_'))
      // RFC 6750: no error code where no token was sent.
      reply.header('www-authenticate', code === 'not_signed_in' ? 'Bearer' : 'Bearer error="invalid_token"');
    return sendProblem(request, reply, status, { code, title });
  }

  /** Counts one request; the denial when it was one too many. */
  async function tooMany(
    limit: { name: string; perMinute: number } | undefined,
    key: string,
  ): Promise<Denial | undefined> {
    const retryAfter = limit && (await parts.limits.count(limit, key));
    return retryAfter === undefined
      ? undefined
      : { status: 429, code: 'too_many_requests', title: 'Too many requests, try again later', retryAfter };
  }

  app.addHook('onRequest', async (request, reply) => {
    const access = accessOf(request);
    const own = request.is404 ? undefined : request.routeOptions.config.limit;
    if (own === false) return;
    // A program that asks for itself comes with its own address; it speaks for everybody.
    if (!parts.isProxy(request.ip)) {
      const network = networkOf(request.ip);
      const denial =
        (await tooMany(OF_ADDRESS, network)) ??
        (access === 'anyone' ? await tooMany(own, network) : undefined);
      if (denial) return deny(request, reply, denial);
    }
    if (access === 'anyone' || 'services' in access) return;
    const identified = await parts.identify(request.headers.authorization);
    if (!identified.ok) return deny(request, reply, identified.denial);
    const { person } = identified;
    if (!access.people.includes(person.role)) {
      return deny(request, reply, {
        status: 403,
        code: 'role_not_allowed',
        title: 'This is not for your kind of account',
        person_id: person.person_id,
      });
    }
    const denial = (await tooMany(OF_ACCOUNT, person.person_id)) ?? (await tooMany(own, person.person_id));
    if (denial) return deny(request, reply, denial);
    people.set(request, person);
  });

  // The signature covers the body as it was sent, so it is read whole here and handed on to the parser.
  app.addHook('preParsing', async (request, reply, payload) => {
    const access = accessOf(request);
    if (access === 'anyone' || 'people' in access) return payload;
    const body = await readAll(payload, request.routeOptions.bodyLimit);
    const verdict = verifyRequest(
      Object.fromEntries(access.services.map((caller) => [caller, parts.serviceKeys[caller]])),
      {
        method: request.method,
        path: request.raw.url ?? '',
        body,
        header: (name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? value : undefined;
        },
      },
      parts.clock.now(),
    );
    const refuse = (code: keyof typeof SIGNATURE_TITLES) =>
      deny(request, reply, { status: 401, code, title: SIGNATURE_TITLES[code] });
    if (!verdict.ok) return refuse(verdict.code);
    if (access.once && !(await parts.rememberNonce(verdict.nonce))) return refuse('signature_replayed');
    callers.set(request, verdict.caller as Caller);
    const again: Readable & { receivedEncodedLength?: number } = Readable.from(
      body.length > 0 ? [body] : [],
      { objectMode: false },
    );
    again.receivedEncodedLength = body.length;
    return again;
  });
}

function requireAccessDeclared(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  const declared: DeclaredAccess[] = [];
  app.decorate('declaredAccess', declared);
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  // Looked at when all is in place, since a scope may declare for the plugins within it.
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes) {
      const access = config?.access;
      if (access !== undefined)
        declared.push(...[method].flat().map((one) => ({ method: one, url, access })));
    }
    const undeclared = routes.filter((route) => route.config?.access === undefined);
    if (undeclared.length === 0) return;
    const names = undeclared.map((route) => `${String(route.method)} ${route.url}`);
    throw new Error(`these routes don't say who may call them: ${names.join(', ')}`);
  });
}

function accessOf(request: FastifyRequest): Access {
  // What matches no route is answered with 404, to anybody.
  if (request.is404) return 'anyone';
  const { access } = request.routeOptions.config;
  if (access === undefined) throw new Error(`${request.method} ${request.url} doesn't say who may call it`);
  return access;
}

function present<T>(value: T | undefined, what: string, request: FastifyRequest): T {
  if (value === undefined)
    throw new Error(`${request.routeOptions.url} asks for the ${what}, its access has none`);
  return value;
}

/** Throws as Fastify's own parser does when there is more than `most` bytes. */
async function readAll(stream: Readable | AsyncIterable<unknown>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > most)
      throw Object.assign(new Error('the body is too large'), {
        statusCode: 413,
        code: 'FST_ERR_CTP_BODY_TOO_LARGE',
      });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
