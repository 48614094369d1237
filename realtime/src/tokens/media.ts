/** What somebody needs to meet in a channel: Agora's tokens when it is set up, otherwise the servers for peer to peer. */

import type { RtcToken } from '../../contract/session.ts';
import type { Clock } from '../clock.ts';
import { type AgoraCredentials, buildAgoraTokens, type MediaRole, TOKEN_SECONDS } from './agora.ts';
import { iceServersFor } from './ice.ts';

export interface MediaTokenParts {
  clock: Clock;
  agora?: AgoraCredentials | undefined;
  /** `stun:` and `turn:` addresses. */
  iceServers: readonly string[];
  turnSecret?: string | undefined;
}

export type MediaTokens = ReturnType<typeof createMediaTokens>;

export function createMediaTokens({ clock, agora, iceServers, turnSecret }: MediaTokenParts) {
  return {
    /** For one person in one channel, for 1200 s. Whether they may be there, the caller has seen to. Throws `AgoraRefused`. */
    issue(channel: string, account: string, role: MediaRole): RtcToken {
      const expires_at_ms = clock.now() + TOKEN_SECONDS * 1_000;
      if (!agora)
        return {
          mode: 'p2p',
          channel,
          account,
          ice_servers: iceServersFor(iceServers, turnSecret, account, expires_at_ms),
          expires_at_ms,
        };
      return {
        mode: 'agora',
        app_id: agora.app_id,
        channel,
        account,
        ...buildAgoraTokens(agora, { channel, account, role }),
        expires_at_ms,
      };
    },
  };
}
