import type { IAgoraRTC, IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';
import type { RTMEvents } from 'agora-rtm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createBell, type Ring } from '../../src/live/bell.ts';
import { type AgoraToken, createAgoraMedia } from '../../src/live/media/agora.ts';
import { type Kind, kinds, type MediaEvent } from '../../src/live/media/media.ts';

// Agora itself can't be reached from a test. What stands in for its two libraries keeps to their own types, and only notes what
// it is asked for.

const token: AgoraToken = {
  mode: 'agora',
  app_id: 'an-app',
  channel: 'a-channel',
  account: 'me',
  rtc_token: 'rtc-1',
  rtm_token: 'rtm-1',
  expires_at_ms: 1,
};
const settled = () => new Promise((resolve) => setTimeout(resolve));

function rtc({ carries = kinds }: { carries?: readonly Kind[] } = {}) {
  const asked: unknown[] = [];
  const handlers = new Map<string, (...given: never[]) => void>();
  let publishing = false;
  const client = {
    on: (event: string, handler: (...given: never[]) => void) => handlers.set(event, handler),
    removeAllListeners: () => handlers.clear(),
    join: async (...given: unknown[]) => asked.push(['join', ...given]),
    leave: async () => asked.push(['leave']),
    renewToken: async (given: string) => asked.push(['renew', given]),
    subscribe: async (user: { uid: string }, kind: Kind) => asked.push(['subscribe', user.uid, kind]),
    async publish(track: { of: unknown }) {
      // As Agora's does.
      if (publishing) throw new Error('already publishing');
      publishing = true;
      await settled();
      publishing = false;
      asked.push(['publish', track.of]);
    },
    unpublish: async (track: { of: unknown }) => asked.push(['unpublish', track.of]),
  };
  const made = ({ mediaStreamTrack }: { mediaStreamTrack: { name: string } }) => ({
    of: mediaStreamTrack.name,
    close: () => asked.push(['close', mediaStreamTrack.name]),
    replaceTrack: async (next: { name: string }) => asked.push(['replace', mediaStreamTrack.name, next.name]),
  });
  const library = {
    setLogLevel() {},
    createClient: (given: unknown) => {
      asked.push(['client', given]);
      return client;
    },
    createCustomAudioTrack: made,
    createCustomVideoTrack: made,
  } as unknown as IAgoraRTC;
  const media = createAgoraMedia({ token, carries, load: async () => library });
  const events: MediaEvent[] = [];
  media.subscribe((event) => events.push(event));
  return {
    media,
    asked,
    events,
    tell: (event: string, ...given: unknown[]) => handlers.get(event)?.(...(given as never[])),
    listens: () => handlers.size > 0,
  };
}

/** A track of a camera or microphone, whose copies have its name. */
const track = (name: string) => ({ name, clone: () => ({ name: `${name}’s copy` }) }) as never;

const user = (uid: string, { audio, video }: { audio?: string; video?: string }) =>
  ({
    uid,
    ...(audio ? { audioTrack: { getMediaStreamTrack: () => audio } } : {}),
    ...(video ? { videoTrack: { getMediaStreamTrack: () => video } } : {}),
  }) as unknown as IAgoraRTCRemoteUser;

describe('sound and picture over Agora (S9)', () => {
  it('joins the channel by the token, once, and publishes copies of what was wanted before', async () => {
    const { media, asked, events } = rtc();
    await media.publish('audio', track('microphone'));
    expect(asked).toEqual([]);
    await media.join();
    await media.join();
    expect(asked).toEqual([
      ['client', { mode: 'rtc', codec: 'vp8' }],
      ['join', 'an-app', 'a-channel', 'rtc-1', 'me'],
      ['publish', 'microphone’s copy'],
    ]);
    expect(events).toEqual([{ type: 'link', link: 'connected' }]);
  });

  it('publishes one after another, replaces, takes back, and nothing that the room doesn’t carry', async () => {
    const { media, asked } = rtc({ carries: ['audio'] });
    await media.join();
    asked.length = 0;
    await Promise.all([
      media.publish('audio', track('one')),
      media.publish('video', track('camera')),
      media.publish('audio', track('two')),
      media.publish('audio', track('three')),
    ]);
    // By the time that it is its turn the last is what is wanted.
    expect(asked).toEqual([
      ['publish', 'three’s copy'],
      ['replace', 'three’s copy', 'three’s copy'],
      ['replace', 'three’s copy', 'three’s copy'],
    ]);
    asked.length = 0;
    await media.publish('audio', null);
    expect(asked).toEqual([
      ['unpublish', 'three’s copy'],
      ['close', 'three’s copy'],
    ]);
  });

  it('tells who is there and what comes of them, until they leave', async () => {
    const { media, asked, events, tell } = rtc();
    await media.join();
    events.length = 0;
    const other = user('other', { audio: 'voice', video: 'face' });
    tell('user-published', other, 'video');
    tell('user-published', other, 'datachannel');
    await settled();
    expect(asked.filter((one) => (one as string[])[0] === 'subscribe')).toEqual([
      ['subscribe', 'other', 'video'],
    ]);
    tell('user-unpublished', user('other', { audio: 'voice' }), 'video');
    tell('user-left', { uid: 'other' });
    expect(events).toEqual([
      { type: 'remotes', remotes: [{ id: 'other', audio: 'voice', video: 'face' }] },
      { type: 'remotes', remotes: [{ id: 'other', audio: 'voice', video: null }] },
      { type: 'remotes', remotes: [] },
    ]);
  });

  it('tells how the line is, who has taken one’s place, and that the token ends', async () => {
    const { media, asked, events, tell } = rtc();
    await media.join();
    events.length = 0;
    tell('connection-state-change', 'RECONNECTING', 'CONNECTED');
    tell('connection-state-change', 'DISCONNECTED', 'RECONNECTING', 'LEAVE');
    tell('connection-state-change', 'DISCONNECTED', 'RECONNECTING', 'NETWORK_ERROR');
    tell('connection-state-change', 'DISCONNECTED', 'CONNECTED', 'UID_CONFLICT');
    tell('network-quality', { uplinkNetworkQuality: 0, downlinkNetworkQuality: 0 });
    for (const mark of [1, 2, 3, 4, 6])
      tell('network-quality', { uplinkNetworkQuality: 1, downlinkNetworkQuality: mark });
    tell('token-privilege-will-expire');
    expect(events).toEqual([
      { type: 'link', link: 'interrupted' },
      { type: 'link', link: 'failed' },
      { type: 'taken_over' },
      ...['good', 'good', 'fair', 'poor', 'poor'].map((quality) => ({ type: 'quality', quality })),
      { type: 'renewal' },
    ]);
    await media.renew({ ...token, rtc_token: 'rtc-2' });
    expect(asked.at(-1)).toEqual(['renew', 'rtc-2']);
  });

  it('leaves nothing behind', async () => {
    const { media, asked, events, listens } = rtc();
    await media.join();
    await media.publish('video', track('camera'));
    asked.length = 0;
    await media.leave();
    expect(asked).toEqual([['close', 'camera’s copy'], ['leave']]);
    expect([events.at(-1), listens()]).toEqual([{ type: 'remotes', remotes: [] }, false]);
  });
});

function rtm({ login = async () => {}, load }: { login?: () => Promise<void>; load?: () => never } = {}) {
  const asked: unknown[] = [];
  const heard: Ring[] = [];
  let hear: ((event: RTMEvents.MessageEvent) => void) | undefined;
  class RTM {
    constructor(appId: string, userId: string) {
      asked.push(['new', appId, userId]);
    }
    addEventListener(_event: string, listener: never) {
      hear = listener;
    }
    async login(given: unknown) {
      await login();
      asked.push(['login', given]);
    }
    async subscribe(channel: string) {
      asked.push(['subscribe', channel]);
    }
    async publish(channel: string, message: string) {
      asked.push(['publish', channel, message]);
    }
    async renewToken(given: string) {
      asked.push(['renew', given]);
    }
    async logout() {
      asked.push(['logout']);
    }
  }
  const bell = createBell({
    token,
    heard: (what) => heard.push(what),
    load: async () => (load ? load() : ({ RTM } as never)),
  });
  return {
    bell,
    asked,
    heard,
    say: (message: string | Uint8Array, publisher = 'other') => hear?.({ message, publisher } as never),
  };
}

describe('the second bell, over Agora’s RTM', () => {
  const warned = vi.spyOn(console, 'warn');
  beforeEach(() => {
    warned.mockReset().mockImplementation(() => {});
  });

  it('signs in by its token, rings in the session’s channel, and renews', async () => {
    const { bell, asked } = rtm();
    bell.ring('look');
    await settled();
    await bell.renew({ ...token, rtm_token: 'rtm-2' });
    await bell.stop();
    bell.ring('typing');
    await settled();
    expect(asked).toEqual([
      ['new', 'an-app', 'me'],
      ['login', { token: 'rtm-1' }],
      ['subscribe', 'a-channel'],
      ['publish', 'a-channel', 'look'],
      ['renew', 'rtm-2'],
      ['logout'],
    ]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('hears the other’s two words and nothing else', async () => {
    const { bell, heard, say } = rtm();
    await settled();
    say('look');
    say('typing');
    say('look', 'me');
    say(new TextEncoder().encode('look'));
    for (const strange of ['', 'LOOK', '__proto__', '{"ring":"look"}', 'x'.repeat(1_000_000)]) say(strange);
    expect(heard).toEqual(['look', 'typing']);
    await bell.stop();
    say('look');
    expect(heard).toHaveLength(2);
  });

  it('is silent, and says so in the console, when it can’t be had', async () => {
    const lost = () => {
      throw new Error('no network');
    };
    for (const { bell, asked } of [rtm({ load: lost }), rtm({ login: async () => lost() })]) {
      bell.ring('look');
      await bell.renew(token);
      await bell.stop();
      expect(asked.filter((one) => (one as string[])[0] !== 'new')).toEqual([]);
    }
    expect(warned).toHaveBeenCalledTimes(2);
  });

  it('signs out again when the room was left while it signed in', async () => {
    const signedIn = Promise.withResolvers<void>();
    const { bell, asked } = rtm({ login: () => signedIn.promise });
    await settled();
    const stopped = bell.stop();
    signedIn.resolve();
    await stopped;
    expect(asked.at(-1)).toEqual(['logout']);
  });
});
