/** Agora's tokens for user accounts. The library answers bad credentials with an empty text; we refuse that. */

// CommonJS of a kind whose names Node can't see.
import agora from 'agora-token';

const { RtcRole, RtcTokenBuilder, RtmTokenBuilder } = agora;

/** How long a token holds, in seconds; the page renews it before that. */
export const TOKEN_SECONDS = 1_200;

export interface AgoraCredentials {
  app_id: string;
  certificate: string;
}

/** May send picture and sound, or only be there. */
export type MediaRole = 'publisher' | 'subscriber';

/** The credentials are none that Agora gave: a fault of the environment, not of whoever asks. */
export class AgoraRefused extends Error {
  override name = 'AgoraRefused';
}

/** A pair of tokens for one account and one channel. Throws `AgoraRefused` when the library gives none. */
export function buildAgoraTokens(
  { app_id, certificate }: AgoraCredentials,
  { channel, account, role }: { channel: string; account: string; role: MediaRole },
): { rtc_token: string; rtm_token: string } {
  const rtc_token = RtcTokenBuilder.buildTokenWithUserAccount(
    app_id,
    certificate,
    channel,
    account,
    role === 'publisher' ? RtcRole.PUBLISHER : RtcRole.SUBSCRIBER,
    TOKEN_SECONDS,
    TOKEN_SECONDS,
  );
  const rtm_token = RtmTokenBuilder.buildToken(app_id, certificate, account, TOKEN_SECONDS);
  if (rtc_token === '' || rtm_token === '') throw new AgoraRefused('Agora’s library gave no token');
  return { rtc_token, rtm_token };
}
