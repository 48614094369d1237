import type { Logger } from '../server/logger.ts';
import { type Issuer, IssuerUnavailable } from './issuer.ts';
import type { Session, Sessions, Tokens } from './sessions.ts';

/** `ended`: the issuer takes the session's refresh token no more. `unavailable`: it can't be asked, and the old token is over. */
export type AccessToken = { state: 'good'; token: string } | { state: 'ended' } | { state: 'unavailable' };

export interface AccessTokens {
  /** An access token of this session that is good now, refreshed ahead of its end. */
  of(session: Session): Promise<AccessToken>;
}

interface Options {
  sessions: Sessions;
  issuer: Issuer;
  log: Logger;
  /** Told when a session has ended because its refresh token was refused. Must neither throw nor wait. */
  ended: (session: Session) => void;
  clock?: () => number;
}

/** A minute ahead, or a fifth of its life where that is shorter. */
const aheadMs = ({ issued_at_ms, expires_at_ms }: Tokens): number =>
  Math.min(60_000, (expires_at_ms - issued_at_ms) / 5);

/** How long an issuer that didn't answer is left in peace, in milliseconds. */
const pauseMs = 5_000;

/**
 * Access tokens of sessions. However many requests want one at once, a session's refresh token is used once: the requests
 * of a node share one refresh, and nodes wait for each other at the session's row and find the new token there.
 */
export function createAccessTokens({
  sessions,
  issuer,
  log,
  ended,
  clock = Date.now,
}: Options): AccessTokens {
  const underway = new Map<string, Promise<AccessToken>>();
  let pausedUntil = 0;

  const fresh = (tokens: Tokens) => tokens.expires_at_ms - clock() > aheadMs(tokens);
  const usable = (tokens: Tokens | null): AccessToken =>
    tokens && tokens.expires_at_ms > clock()
      ? { state: 'good', token: tokens.access_token }
      : { state: 'unavailable' };

  async function refresh(session: Session, before: Tokens): Promise<AccessToken> {
    if (clock() < pausedUntil) return usable(before);
    let refused = false;
    try {
      const tokens = await sessions.exchange(session.id_hash, async (now) => {
        if (fresh(now)) return 'keep'; // another node was first
        const next = await issuer.refresh(now);
        refused = next === 'refused';
        return next === 'refused' ? 'end' : next;
      });
      if (tokens) return { state: 'good', token: tokens.access_token };
      if (refused) ended(session);
      return { state: 'ended' };
    } catch (error) {
      if (error instanceof IssuerUnavailable) pausedUntil = clock() + pauseMs;
      log.warn({ err: error }, 'an access token could not be refreshed');
      return usable(before);
    }
  }

  return {
    async of(session) {
      const tokens = await sessions.tokens(session.id_hash);
      if (!tokens) {
        // Gone, or under a secret that is gone.
        await sessions.end(session.id_hash);
        return { state: 'ended' };
      }
      if (fresh(tokens)) return { state: 'good', token: tokens.access_token };
      const key = session.id_hash.toString('hex');
      const already = underway.get(key);
      if (already) return already;
      const refreshing = refresh(session, tokens).finally(() => underway.delete(key));
      underway.set(key, refreshing);
      return refreshing;
    },
  };
}
