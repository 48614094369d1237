/**
 * STUN and TURN servers for rooms without Agora. TURN's credentials hold for a while only: the user's name begins with the time
 * at which they end, the password is an HMAC over it that the TURN server makes as well (coturn's `use-auth-secret`).
 */

import { createHmac } from 'node:crypto';

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export function iceServersFor(
  urls: readonly string[],
  turnSecret: string | undefined,
  account: string,
  expiresAtMs: number,
): IceServer[] {
  const isTurn = (url: string) => /^turns?:/.test(url);
  const stun = urls.filter((url) => !isTurn(url));
  const turn = urls.filter(isTurn);
  const servers: IceServer[] = stun.length > 0 ? [{ urls: stun }] : [];
  // Without the secret nobody would be let in.
  if (turn.length > 0 && turnSecret !== undefined) {
    const username = `${Math.floor(expiresAtMs / 1_000)}:${account}`;
    const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
    servers.push({ urls: turn, username, credential });
  }
  return servers;
}
