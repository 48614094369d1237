import type { IAgoraRTC, IAgoraRTCRemoteUser } from 'agora-rtc-sdk-ng';
import type { RTMEvents } from 'agora-rtm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

interface Ways {
  carries?: readonly Kind[];
  /** The library comes when the test says so. */
  loading?: Promise<void>;
  /** The channel is entered when the test says so. */
  entering?: Promise<void>;
}

function rtc({ carries = kinds, loading, entering }: Ways = {}) {
  const asked: unknown[] = [];
  /** What Agora refuses just now. */
  const failing = new Set<'publish' | 'replace' | 'replace early' | 'unpublish' | 'make'>();
  /** What stays without an answer for good. */
  const hanging = new Set<'publish' | 'unpublish' | 'subscribe'>();
  const answer = async (name: string) => {
    if (hanging.has(name as never)) await new Promise(() => {});
    if (!failing.has(name as never)) return;
    asked.push([`${name} refused`]);
    throw new Error(name);
  };
  const handlers = new Map<string, (...given: never[]) => void>();
  let publishing = false;
  let joined = false;
  const client = {
    on: (event: string, handler: (...given: never[]) => void) => handlers.set(event, handler),
    removeAllListeners: () => handlers.clear(),
    async join(...given: unknown[]) {
      asked.push(['join', ...given]);
      await entering;
      joined = true;
    },
    leave: async () => asked.push(['leave']),
    renewToken: async (given: string) => asked.push(['renew', given]),
    subscribe: async (user: { uid: string }, kind: Kind) => asked.push(['subscribe', user.uid, kind]),
    async publish(track: { of: unknown }) {
      // As Agora's does.
      if (!joined) throw new Error('can not publish stream in CONNECTING state');
      if (publishing) throw new Error('already publishing');
      publishing = true;
      await settled();
      publishing = false;
      await answer('publish');
      asked.push(['publish', track.of]);
    },
    async unpublish(track: { of: unknown }) {
      await answer('unpublish');
      asked.push(['unpublish', track.of]);
    },
  };
  function made({ mediaStreamTrack }: { mediaStreamTrack: Copy }) {
    if (failing.has('make')) throw new Error('make');
    const { name } = mediaStreamTrack;
    let present = mediaStreamTrack;
    return {
      of: name,
      close() {
        present.stop();
        asked.push(['close', name]);
      },
      async replaceTrack(next: Copy) {
        await answer('replace early');
        // As Agora's does: the one before ends first.
        present.stop();
        present = next;
        await answer('replace');
        asked.push(['replace', name, next.name]);
      },
    };
  }
  const library = {
    setLogLevel() {},
    createClient: (given: unknown) => {
      asked.push(['client', given]);
      return client;
    },
    createCustomAudioTrack: made,
    createCustomVideoTrack: made,
  } as unknown as IAgoraRTC;
  const media = createAgoraMedia({
    token,
    carries,
    load: () => Promise.resolve(loading).then(() => library),
  });
  const events: MediaEvent[] = [];
  media.subscribe((event) => events.push(event));
  return {
    media,
    asked,
    failing,
    hanging,
    events,
    named: (...names: string[]) => asked.filter((one) => names.includes((one as string[])[0] ?? '')),
    tell: (event: string, ...given: unknown[]) => handlers.get(event)?.(...(given as never[])),
    listens: () => handlers.size > 0,
  };
}

interface Copy {
  name: string;
  stop(): void;
}

/** The copies that run, by name. */
const running = new Map<Copy, string>();

function copyOf(name: string): Copy {
  const copy = { name: `${name}’s copy`, stop: () => void running.delete(copy) };
  running.set(copy, copy.name);
  return copy;
}

/** A track of a camera or microphone, whose copies have its name. */
const track = (name: string) => ({ name, clone: () => copyOf(name) }) as never;

const user = (uid: string, { audio, video }: { audio?: string; video?: string }) =>
  ({
    uid,
    ...(audio ? { audioTrack: { getMediaStreamTrack: () => audio } } : {}),
    ...(video ? { videoTrack: { getMediaStreamTrack: () => video } } : {}),
  }) as unknown as IAgoraRTCRemoteUser;

const warned = vi.spyOn(console, 'warn');
beforeEach(() => {
  warned.mockReset().mockImplementation(() => {});
  running.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

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
    expect(asked).toEqual([['publish', 'three’s copy']]);
    asked.length = 0;
    await media.publish('audio', track('four'));
    expect(asked).toEqual([['replace', 'three’s copy', 'four’s copy']]);
    asked.length = 0;
    await media.publish('audio', null);
    expect(asked).toEqual([
      ['unpublish', 'three’s copy'],
      ['close', 'three’s copy'],
    ]);
  });

  it('leaves a voice alone that is sent already', async () => {
    const { media, asked } = rtc();
    const voice = track('microphone');
    await media.publish('audio', voice);
    await media.join();
    await media.publish('audio', voice);
    await media.publish('video', track('camera'));
    await media.publish('audio', voice);
    expect(asked.slice(2)).toEqual([
      ['publish', 'microphone’s copy'],
      ['publish', 'camera’s copy'],
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
    tell('token-privilege-did-expire');
    expect(events).toEqual([
      { type: 'link', link: 'interrupted' },
      { type: 'link', link: 'failed' },
      { type: 'taken_over' },
      ...['good', 'good', 'fair', 'poor', 'poor'].map((quality) => ({ type: 'quality', quality })),
      { type: 'renewal' },
      // Only a new token lets one in again.
      { type: 'link', link: 'failed' },
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

describe('leaving Agora', () => {
  it('while its library is fetched: at once, and nothing is entered', async () => {
    const loaded = Promise.withResolvers<void>();
    const { media, asked, events } = rtc({ loading: loaded.promise });
    await media.publish('video', track('camera'));
    const joined = media.join();
    await media.leave();
    loaded.resolve();
    await joined;
    await media.publish('audio', track('microphone'));
    await media.join();
    expect([asked, running.size]).toEqual([[], 0]);
    expect(events).toEqual([{ type: 'remotes', remotes: [] }]);
  });

  it('before joining, too, is for good', async () => {
    const { media, asked } = rtc();
    await media.leave();
    await media.join();
    expect(asked).toEqual([]);
  });

  it('while the channel is entered: leaves it again, and publishes nothing', async () => {
    const entered = Promise.withResolvers<void>();
    const { media, asked, events, named } = rtc({ entering: entered.promise });
    await media.publish('video', track('camera'));
    const joined = media.join();
    await settled();
    await media.leave();
    entered.resolve();
    await joined;
    expect(named('join', 'leave', 'publish')).toEqual([asked[1], ['leave'], ['leave']]);
    expect([events.some(({ type }) => type === 'link'), running.size]).toEqual([false, 0]);
  });

  it('breaks joining off without a fault, which one that fails by itself has', async () => {
    for (const leaves of [true, false]) {
      const entered = Promise.withResolvers<void>();
      const { media } = rtc({ entering: entered.promise });
      const joined = media.join();
      await settled();
      if (leaves) await media.leave();
      entered.reject(new Error('OPERATION_ABORTED'));
      await (leaves ? expect(joined).resolves.toBeUndefined() : expect(joined).rejects.toThrow('ABORTED'));
    }
  });

  it('stops what is being published, taken back or replaced just then', async () => {
    for (const hangs of ['publish', 'unpublish'] as const) {
      const { media, hanging, named } = rtc();
      await media.join();
      if (hangs === 'unpublish') await media.publish('video', track('camera'));
      hanging.add(hangs);
      void media.publish('video', hangs === 'publish' ? track('camera') : null);
      void media.publish('audio', track('microphone'));
      await settled();
      await media.leave();
      await settled();
      expect([named('close'), running.size]).toEqual([[['close', 'camera’s copy']], 0]);
    }
  });

  it('hears nothing more of others, nor publishes', async () => {
    const { media, asked, events, tell } = rtc();
    await media.join();
    tell('user-published', user('other', { audio: 'voice' }), 'audio');
    const left = media.leave();
    await settled();
    await left;
    await media.publish('audio', track('microphone'));
    expect(events.at(-1)).toEqual({ type: 'remotes', remotes: [] });
    expect([asked.at(-1), running.size]).toEqual([['leave'], 0]);
  });
});

describe('what Agora doesn’t take', () => {
  it('isn’t tried before the channel is entered, and is sent then', async () => {
    const entered = Promise.withResolvers<void>();
    const { media, named, events } = rtc({ entering: entered.promise });
    const joined = media.join();
    await settled();
    await media.publish('video', track('camera'));
    await media.publish('audio', track('microphone'));
    entered.resolve();
    await joined;
    expect(named('publish', 'replace')).toEqual([
      ['publish', 'microphone’s copy'],
      ['publish', 'camera’s copy'],
    ]);
    await media.publish('video', track('other'));
    expect(named('replace')).toEqual([['replace', 'camera’s copy', 'other’s copy']]);
    expect(events).toEqual([{ type: 'link', link: 'connected' }]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('waits its turn when it is wanted while joining publishes', async () => {
    const { media, named } = rtc();
    await media.publish('audio', track('microphone'));
    media.subscribe(({ type }) => {
      if (type === 'link') void media.publish('video', track('camera'));
    });
    await media.join();
    await settled();
    expect(named('publish').toSorted()).toEqual([
      ['publish', 'camera’s copy'],
      ['publish', 'microphone’s copy'],
    ]);
    expect(warned).not.toHaveBeenCalled();
  });

  /** A room with a clock of its own. */
  async function inside() {
    const all = rtc();
    await all.media.join();
    vi.useFakeTimers();
    const pass = async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms));
    const publish = async (kind: Kind, what: never | null) => {
      const done = all.media.publish(kind, what);
      await pass(1);
      await done;
    };
    return { ...all, pass, publish };
  }

  it('is no failed connection; it is let go of, tried once more, and at the next publishing', async () => {
    const { failing, events, named, pass, publish } = await inside();
    failing.add('publish');
    await publish('video', track('camera'));
    expect([named('publish refused').length, running.size]).toEqual([1, 0]);
    await pass(20_000);
    expect([named('publish refused').length, running.size]).toEqual([2, 0]);
    failing.clear();
    await publish('video', track('camera'));
    await pass(20_000);
    expect(named('publish', 'replace')).toEqual([['publish', 'camera’s copy']]);
    expect(events).toEqual([{ type: 'link', link: 'connected' }]);
    expect([warned.mock.calls.length, [...running.values()]]).toEqual([2, ['camera’s copy']]);
  });

  it('is sent by itself when it is taken the second time', async () => {
    const { failing, named, pass, publish } = await inside();
    failing.add('publish');
    await publish('audio', track('microphone'));
    failing.clear();
    await pass(2_000);
    expect(named('publish')).toEqual([]);
    await pass(2_000);
    expect(named('publish')).toEqual([['publish', 'microphone’s copy']]);
  });

  it('isn’t tried again when another thing is wanted, nor once one has left', async () => {
    const { media, failing, named, pass, publish } = await inside();
    failing.add('publish');
    await publish('audio', track('microphone'));
    expect(vi.getTimerCount()).toBe(1);
    await publish('audio', null);
    expect(vi.getTimerCount()).toBe(0);
    await publish('video', track('camera'));
    failing.clear();
    await publish('video', track('other'));
    await pass(20_000);
    expect(named('publish', 'replace')).toEqual([['publish', 'other’s copy']]);
    failing.add('publish');
    await publish('audio', track('microphone'));
    expect(vi.getTimerCount()).toBe(1);
    await media.leave();
    expect([vi.getTimerCount(), running.size]).toEqual([0, 0]);
  });

  it('leaves no timer when it is refused after one has left', async () => {
    const { media, failing, pass } = await inside();
    failing.add('publish');
    void media.publish('audio', track('microphone'));
    await Promise.resolve();
    await media.leave();
    await pass(1);
    expect([vi.getTimerCount(), running.size]).toEqual([0, 0]);
  });

  it.each(['replace', 'replace early'] as const)(
    'in place of another (%s) leaves no copy running, and is published anew',
    async (fails) => {
      const { failing, named, pass, publish } = await inside();
      await publish('video', track('camera'));
      failing.add(fails);
      await publish('video', track('other'));
      expect(running.size).toBe(0);
      await pass(3_001);
      expect(named(`${fails} refused`, 'publish', 'unpublish')).toEqual([
        ['publish', 'camera’s copy'],
        [`${fails} refused`],
        ['unpublish', 'camera’s copy'],
        ['publish', 'other’s copy'],
      ]);
      expect([...running.values()]).toEqual(['other’s copy']);
    },
  );

  it('back, or to make anything of, leaves no copy running either', async () => {
    const { failing, named, publish } = await inside();
    failing.add('make');
    await publish('audio', track('microphone'));
    expect(running.size).toBe(0);
    failing.clear();
    await publish('audio', track('microphone'));
    failing.add('unpublish');
    await publish('audio', null);
    expect([named('close').length, running.size]).toEqual([1, 0]);
    failing.clear();
    // What is switched off, or couldn't be replaced, is dark before the network has answered.
    for (const next of [null, track('other')]) {
      const { media, failing, hanging } = rtc();
      await Promise.all([media.join(), vi.advanceTimersByTimeAsync(1)]);
      await Promise.all([media.publish('video', track('camera')), vi.advanceTimersByTimeAsync(1)]);
      failing.add('replace early');
      hanging.add('unpublish');
      void media.publish('video', next);
      await vi.advanceTimersByTimeAsync(1);
      expect(running.size).toBe(0);
    }
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
