/** The issuer's public keys: found by discovery, kept, looked for again when one is missing, and kept on while it is away. */

import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock';

/** After this long the keys are asked for again, so that one that was withdrawn is let go of. */
const FRESH_MS = 10 * 60_000;
/** Least time between two questions, however many unknown keys are named. */
const COOLDOWN_MS = 5_000;
const TIMEOUT_MS = 3_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** The issuer can't be asked, and without it nobody can say whether the token is good. */
export class IssuerUnreachable extends Error {
  override name = 'IssuerUnreachable';
}

export interface IssuerKeys {
  /** The key that a token's header names. Throws `IssuerUnreachable`, or jose's `JWKSNoMatchingKey`. */
  find(header: JWSHeaderParameters): Promise<CryptoKey>;
}

/** `failed` is told why the issuer could not be asked. */
export function createIssuerKeys({
  issuer,
  clock,
  failed,
}: {
  issuer: string;
  clock: Clock;
  failed: (error: Error) => void;
}): IssuerKeys {
  let known: { find: ReturnType<typeof createLocalJWKSet>; at: number } | undefined;
  let lastAsked = Number.NEGATIVE_INFINITY;
  let lastFailed = false;
  let asking: Promise<void> | undefined;

  /** One question at a time, whoever waits for it. It never throws: what is known stays. */
  function ask(): Promise<void> {
    asking ??= (async () => {
      lastAsked = clock.now();
      try {
        const { issuer: named, jwks_uri } = discovery.parse(await getJson(discoveryAddress(issuer)));
        if (named !== issuer) throw new Error(`the issuer calls itself ${named}, not ${issuer}`);
        const address = new URL(jwks_uri);
        // Keys that came over plain http could be anybody's.
        if (address.protocol !== new URL(issuer).protocol && address.protocol !== 'https:')
          throw new Error(`the issuer's keys are at ${address.protocol}, not https`);
        const keys = keySet.parse(await getJson(address)) as JSONWebKeySet;
        known = { find: createLocalJWKSet(keys), at: clock.now() };
        lastFailed = false;
      } catch (error) {
        lastFailed = true;
        failed(error instanceof Error ? error : new Error(String(error)));
      } finally {
        asking = undefined;
      }
    })();
    return asking;
  }

  async function askAgain(): Promise<void> {
    if (asking || clock.now() - lastAsked >= COOLDOWN_MS) await ask();
  }

  return {
    async find(header) {
      if (!known || clock.now() - known.at >= FRESH_MS) await askAgain();
      if (!known) throw new IssuerUnreachable('no key of the issuer is known');
      try {
        return await known.find(header);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await askAgain();
        // It may be a new key of an issuer that we can't hear.
        if (lastFailed) throw new IssuerUnreachable('the key is not known and the issuer is away');
        return await known.find(header);
      }
    },
  };
}

/** With or without a slash at the end of the issuer. */
function discoveryAddress(issuer: string): URL {
  return new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
}

async function getJson(address: URL): Promise<unknown> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${address.href} answered ${response.status}`);
  return response.json();
}
