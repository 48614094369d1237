/** Tokens, read by a decoder of our own: not the library that makes them. */

import { createHmac, randomUUID } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AgoraRefused, buildAgoraTokens, TOKEN_SECONDS } from '../../src/tokens/agora.ts';
import { iceServersFor } from '../../src/tokens/ice.ts';
import { createMediaTokens } from '../../src/tokens/media.ts';

const agora = {
  app_id: '0123456789abcdef0123456789abcdef',
  certificate: 'fedcba9876543210fedcba9876543210',
};
const NOW = Date.UTC(2026, 10, 20, 12);

interface Decoded {
  app_id: string;
  issued_s: number;
  seconds: number;
  services: { type: number; privileges: Record<number, number>; names: string[] }[];
}

/** Agora's AccessToken2 ("007"): little-endian numbers, texts with a length before them, deflated, signed with HMAC-SHA256. */
function decode(token: string, certificate: string): Decoded {
  expect(token.slice(0, 3)).toBe('007');
  const bytes = inflateSync(Buffer.from(token.slice(3), 'base64'));
  let at = 0;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const u16 = () => take(2).readUInt16LE();
  const u32 = () => take(4).readUInt32LE();
  const text = () => take(u16());
  const signature = text();
  const signed = bytes.subarray(at);
  const app_id = text().toString();
  const issued_s = u32();
  const seconds = u32();
  const salt = u32();
  const services = Array.from({ length: u16() }, () => {
    const type = u16();
    const privileges = Object.fromEntries(Array.from({ length: u16() }, () => [u16(), u32()]));
    const names = (type === 1 ? [text(), text()] : [text()]).map(String);
    return { type, privileges, names };
  });
  expect(at).toBe(bytes.length);
  const number = (value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value);
    return buffer;
  };
  const key = createHmac('sha256', number(salt))
    .update(createHmac('sha256', number(issued_s)).update(certificate).digest())
    .digest();
  expect(signature.equals(createHmac('sha256', key).update(signed).digest())).toBe(true);
  return { app_id, issued_s, seconds, services };
}

const RTC = 1;
const RTM = 2;
const [JOIN, AUDIO, VIDEO, DATA] = [1, 2, 3, 4];

describe('SES-14 S9: Agora', () => {
  const channel = 'a-channel-that-nobody-can-guess';
  const account = randomUUID();

  test('SES-14: a publisher’s pair: channel, account, 1200 s, and what they may do', () => {
    const before = Math.floor(Date.now() / 1_000);
    const { rtc_token, rtm_token } = buildAgoraTokens(agora, { channel, account, role: 'publisher' });
    const rtc = decode(rtc_token, agora.certificate);
    expect(rtc).toMatchObject({ app_id: agora.app_id, seconds: 1_200 });
    expect(rtc.issued_s - before).toBeGreaterThanOrEqual(0);
    expect(rtc.services).toEqual([
      {
        type: RTC,
        names: [channel, account],
        privileges: {
          [JOIN as number]: 1_200,
          [AUDIO as number]: 1_200,
          [VIDEO as number]: 1_200,
          [DATA as number]: 1_200,
        },
      },
    ]);
    const rtm = decode(rtm_token, agora.certificate);
    expect(rtm.services).toEqual([{ type: RTM, names: [account], privileges: { 1: 1_200 } }]);
  });

  test('SES-14: a subscriber sends nothing', () => {
    const { rtc_token } = buildAgoraTokens(agora, { channel, account, role: 'subscriber' });
    expect(decode(rtc_token, agora.certificate).services[0]?.privileges).toEqual({ [JOIN as number]: 1_200 });
  });

  test('SES-14: another’s certificate doesn’t fit; one changed byte doesn’t either', () => {
    const { rtc_token } = buildAgoraTokens(agora, { channel, account, role: 'publisher' });
    expect(() => decode(rtc_token, agora.app_id)).toThrow();
  });

  test('SES-14: credentials for which the library gives an empty token are refused', () => {
    for (const wrong of [
      { ...agora, app_id: 'short' },
      { ...agora, certificate: 'not hexadecimal' },
      { app_id: '', certificate: '' },
    ])
      expect(() => buildAgoraTokens(wrong, { channel, account, role: 'publisher' })).toThrow(AgoraRefused);
  });

  test('SES-14: the answer says where and until when', () => {
    const tokens = createMediaTokens({ clock: { now: () => NOW }, agora, iceServers: [] });
    expect(tokens.issue(channel, account, 'publisher')).toMatchObject({
      mode: 'agora',
      app_id: agora.app_id,
      channel,
      account,
      expires_at_ms: NOW + TOKEN_SECONDS * 1_000,
    });
  });
});

describe('S9: peer to peer, without Agora', () => {
  test('S9: STUN for all, TURN with credentials that end', () => {
    const turnSecret = 'shared-with-the-turn-server';
    const tokens = createMediaTokens({
      clock: { now: () => NOW },
      iceServers: ['stun:stun.example.org:3478', 'turn:turn.example.org:3478', 'turns:turn.example.org:5349'],
      turnSecret,
    });
    const username = `${(NOW + 1_200_000) / 1_000}:somebody`;
    expect(tokens.issue('channel', 'somebody', 'publisher')).toEqual({
      mode: 'p2p',
      channel: 'channel',
      account: 'somebody',
      expires_at_ms: NOW + 1_200_000,
      ice_servers: [
        { urls: ['stun:stun.example.org:3478'] },
        {
          urls: ['turn:turn.example.org:3478', 'turns:turn.example.org:5349'],
          username,
          credential: createHmac('sha1', turnSecret).update(username).digest('base64'),
        },
      ],
    });
  });

  test('S9: TURN is left out where there is no secret for it', () => {
    expect(iceServersFor(['turn:turn.example.org'], undefined, 'x', NOW)).toEqual([]);
    expect(iceServersFor([], 'secret', 'x', NOW)).toEqual([]);
  });
});
