import type { RoomMessage, SessionView } from 'realtime/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Api, Method } from '../../src/live/api.ts';
import type { Ring } from '../../src/live/bell.ts';
import type { MediaEvent } from '../../src/live/media/media.ts';
import { createRoom, type RoomOptions as Options, type Room, type Tabs } from '../../src/live/room.ts';
import type { RoomListener, RoomOptions, Said, Socket, SocketStatus } from '../../src/live/socket.ts';
import { createStore } from '../../src/live/store.ts';
import { aSession } from '../helpers/session.ts';

// One's own side of a session without a browser: what it asks of realtime, and what it makes of what it is told.

const me = '3f0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f10';
const other = '3f0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f11';
const id = '5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f12';

const first = aSession({
  id,
  client: { person_id: me, name: 'Cleo' },
  reader: { person_id: other, reader_id: '1', name: 'Rhea', slug: 'rhea' },
});

/** realtime, as far as one page sees it. */
function world(
  start: Partial<SessionView> = {},
  { token, agora }: { token?: object } & Pick<Options, 'agora'> = {},
) {
  let view: SessionView = { ...first, ...start };
  const calls: string[] = [];
  const refusals = new Map<string, string>();
  const status = createStore<{ now: SocketStatus }>({ now: { state: 'open', person_id: me } });
  const rooms = new Map<RoomListener, RoomOptions>();
  const said: Said[] = [];
  let isHeard = true;
  let tellTab = () => {};
  const told: string[] = [];

  const api: Api = async <T>(
    method: Method,
    path: string,
    { body }: { body?: unknown } = {},
  ): Promise<Answer<T>> => {
    const act = path.slice(`/api/sessions/${id}`.length).replace(/\?.*/, '');
    calls.push(`${method} ${act}`.trim());
    const code = refusals.get(act);
    if (code) return { ok: false, refusal: { status: code === 'unreachable' ? 0 : 409, code, title: code } };
    if (act === '/messages')
      return {
        ok: true,
        value: (method === 'GET'
          ? { messages: [] }
          : { number: 1, side: 'client', at_ms: 5, ...(body as object) }) as T,
      };
    if (act === '/rtc-token' && token) return { ok: true, value: token as T };
    if (act === '/join') move({ in: { ...view.in, client: true } });
    if (act === '/reconnect')
      move({ state: 'reconnecting', pause: null, in: { client: true, reader: false } });
    return { ok: true, value: view as T };
  };
  /** realtime moves the session, without a word about it. */
  function move(change: Partial<SessionView>): void {
    view = { ...view, version: view.version + 1, server_time_ms: view.server_time_ms + 1, ...change };
  }
  const hear = (body: RoomMessage) => {
    for (const listener of [...rooms.keys()]) listener.message?.(body, 7);
  };
  const socket: Socket = {
    status: { get: () => status.get().now, subscribe: status.subscribe },
    join(_room, listener, options = {}) {
      rooms.set(listener, options);
      listener.joined?.(false);
      return () => rooms.delete(listener);
    },
    say(message) {
      if (!isHeard) return false;
      said.push(message);
      return true;
    },
    hurry() {},
    close() {},
  };
  const tabs: Tabs = {
    tell: () => told.push('entered'),
    told(listener) {
      tellTab = listener;
      return () => {};
    },
  };
  const room: Room = createRoom({ session: view, me, socket, api, tabs, ...(agora ? { agora } : {}) });
  open.push(room);
  return {
    room,
    calls,
    said,
    told,
    refusals,
    move,
    hear,
    moved: (change: Partial<SessionView>) => {
      move(change);
      hear({ type: 'session', session_id: id, version: view.version, state: view.state });
    },
    beats: () => [...rooms.values()].some(({ heartbeat }) => heartbeat),
    otherTab: () => tellTab(),
    cut: () => {
      isHeard = false;
    },
    lineIs: (now: SocketStatus) => status.set({ now }),
  };
}

const open: Room[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const room of open.splice(0)) room.close();
  vi.useRealTimers();
});
const settled = () => vi.advanceTimersByTimeAsync(50);
const acts = (calls: string[]) => calls.filter((call) => /join|reconnect|leave|end|rtc/.test(call));

describe('coming in and back (S4, S5)', () => {
  it('looks on without a heartbeat until somebody comes in, and joins once', async () => {
    const { room, calls, beats, told } = world();
    await settled();
    expect([beats(), acts(calls)]).toEqual([false, []]);
    await room.enter();
    await settled();
    expect([beats(), acts(calls), told]).toEqual([true, ['POST /join'], ['entered']]);
  });

  it('SES-6: joins again when it was taken for absent while it waited', async () => {
    const { room, calls, moved } = world();
    await room.enter();
    moved({ in: { client: false, reader: false } });
    await settled();
    expect(acts(calls)).toEqual(['POST /join', 'POST /join']);
  });

  it('after a reload into a running session there is nothing to ask for', async () => {
    const { room, calls, beats } = world({
      state: 'active',
      accepted: true,
      in: { client: true, reader: true },
    });
    await room.enter();
    await settled();
    expect([beats(), acts(calls)]).toEqual([true, []]);
  });

  it('comes back from a pause of its own by itself, and waits out the other one’s', async () => {
    const active = { state: 'active', accepted: true, in: { client: true, reader: true } } as const;
    const mine = world(active);
    await mine.room.enter();
    mine.moved({ state: 'paused', pause: { side: 'client', cause: 'lost', since_ms: 1 } });
    await settled();
    expect(acts(mine.calls)).toEqual(['POST /reconnect']);
    const theirs = world(active);
    await theirs.room.enter();
    theirs.moved({ state: 'paused', pause: { side: 'reader', cause: 'left', since_ms: 1 } });
    await settled();
    expect(acts(theirs.calls)).toEqual([]);
  });

  it('says why it can’t come back, and doesn’t hammer', async () => {
    const { room, calls, refusals, moved } = world({
      state: 'active',
      accepted: true,
      in: { client: true, reader: true },
    });
    await room.enter();
    refusals.set('/reconnect', 'insufficient_balance');
    moved({ state: 'paused', pause: { side: 'client', cause: 'lost', since_ms: 1 } });
    await settled();
    expect(room.get().refusal?.code).toBe('insufficient_balance');
    expect(acts(calls)).toEqual(['POST /reconnect']);
    refusals.clear();
    await room.enter();
    await settled();
    expect([room.get().refusal, room.get().view.state]).toEqual([null, 'reconnecting']);
  });

  it('tries again once there is a way, when the way was lost in between', async () => {
    const { room, calls, refusals, lineIs } = world();
    refusals.set('/join', 'unreachable');
    await room.enter();
    await settled();
    expect([room.get().refusal, room.get().view.in.client]).toEqual([null, false]);
    const tried = acts(calls).length;
    refusals.clear();
    lineIs({ state: 'lost', since_ms: 1 });
    lineIs({ state: 'open', person_id: me });
    await settled();
    expect([acts(calls).length, room.get().view.in.client]).toEqual([tried + 1, true]);
  });

  it('lets go of everything when it is over, and takes no older word for a newer one', async () => {
    const { room, beats, moved, hear, move } = world({
      state: 'active',
      accepted: true,
      in: { client: true, reader: true },
    });
    await room.enter();
    moved({ state: 'ended', end: { reason: 'ended_by_reader', by: 'reader', at_ms: 9, said: null } });
    await settled();
    expect([beats(), room.get().entered, room.get().view.state]).toEqual([false, false, 'ended']);
    move({ state: 'finalized' });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(room.get().view.state).toBe('finalized');
    hear({ type: 'meter', session_id: id, paid_minutes: 0, paid_cents: 0, minutes_left: 1 });
    expect(room.get().view.state).toBe('finalized');
  });

  it('looks for what comes of an ended session at one pace, whatever else makes it look', async () => {
    const { room, calls, moved } = world({ state: 'active', accepted: true });
    await room.enter();
    moved({ state: 'ended', end: { reason: 'ended_by_reader', by: 'reader', at_ms: 9, said: null } });
    for (let n = 0; n < 5; n += 1) {
      await room.refresh();
      await settled();
    }
    calls.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    // Every 1.5 s, and every 20 s as always.
    expect(calls.filter((call) => call === 'GET').length).toBeLessThanOrEqual(44);
  });

  it('knows what a minute has cost as soon as it is told (W9)', async () => {
    const { room, hear } = world({ state: 'active', accepted: true, in: { client: true, reader: true } });
    await settled();
    hear({ type: 'meter', session_id: id, paid_minutes: 2, paid_cents: 798, minutes_left: 1 });
    expect(room.get().view).toMatchObject({ paid_minutes: 2, cost_cents: 798, minutes_left: 1 });
  });
});

describe('two places at once', () => {
  const active = { state: 'active', accepted: true, in: { client: true, reader: true } } as const;

  it('gives way to a later tab: no heartbeat, and nothing done by itself', async () => {
    const { room, beats, calls, otherTab, moved } = world(active);
    await room.enter();
    otherTab();
    await settled();
    expect([room.get().takenOver, beats()]).toEqual([true, false]);
    moved({ state: 'paused', pause: { side: 'client', cause: 'lost', since_ms: 1 } });
    await settled();
    expect(acts(calls)).toEqual([]);
  });

  it('gives way to another device, whose signals are one’s own', async () => {
    const { room, hear } = world(active);
    await room.enter();
    hear({ type: 'signal', from_person_id: other, signal: { kind: 'candidate', candidate: null } });
    expect(room.get().takenOver).toBe(false);
    hear({ type: 'signal', from_person_id: me, signal: { kind: 'candidate', candidate: null } });
    await settled();
    expect(room.get().takenOver).toBe(true);
  });

  it('the later device stays, though the earlier one still speaks', async () => {
    const [then, now] = [first.server_time_ms, first.server_time_ms + 3_000];
    const earlier = world({ ...active, server_time_ms: then });
    const later = world({ ...active, server_time_ms: now });
    await earlier.room.enter();
    await later.room.enter();
    // What the two have said crosses on its way.
    const own = {
      type: 'signal',
      from_person_id: me,
      signal: { kind: 'candidate', candidate: null },
    } as const;
    earlier.hear({ ...own, entered_ms: now });
    later.hear({ ...own, entered_ms: then });
    await settled();
    expect([earlier.beats(), later.beats()]).toEqual([false, true]);
  });

  it('a tab that only looks on is no rival', async () => {
    const { room, otherTab } = world(active);
    otherTab();
    await settled();
    expect(room.get().takenOver).toBe(false);
  });
});

describe('what is written (S11)', () => {
  it('is on its way until it comes back, and then there once', async () => {
    const { room, said, hear } = world();
    await settled();
    room.write('  Hello  ');
    room.write('   ');
    room.write(' \0 ');
    expect(said).toHaveLength(1);
    const [message] = said;
    if (message?.type !== 'chat') throw new Error('nothing was written');
    expect(room.get().messages).toMatchObject([{ text: 'Hello', state: 'sending', side: 'client' }]);
    hear({ type: 'chat', id: message.id, from_person_id: me, text: 'Hello' });
    hear({ type: 'chat', id: message.id, from_person_id: me, text: 'Hello' });
    expect(room.get().messages).toMatchObject([{ text: 'Hello', state: 'sent' }]);
  });

  it('is as it can be kept: no half characters, no NUL', async () => {
    const { room, said } = world();
    room.write('a\0b \ud83c c🙂');
    expect(said).toMatchObject([{ type: 'chat', text: 'ab \ufffd c🙂' }]);
  });

  it('goes over HTTP when the socket can’t carry it, or its echo doesn’t come', async () => {
    const quiet = world();
    await settled();
    quiet.room.write('Hello');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(quiet.calls).toContain('POST /messages');
    expect(quiet.room.get().messages).toMatchObject([{ state: 'sent' }]);
    const deaf = world();
    deaf.cut();
    deaf.room.write('Hello');
    await settled();
    expect(deaf.room.get().messages).toMatchObject([{ text: 'Hello', state: 'sent' }]);
  });

  it('says when it could not be sent, and tries again as the same message', async () => {
    const { room, refusals, cut } = world();
    cut();
    refusals.set('/messages', 'unreachable');
    room.write('Hello');
    await settled();
    const [line] = room.get().messages;
    expect(line?.state).toBe('failed');
    refusals.clear();
    room.again(line?.key ?? '');
    await settled();
    expect(room.get().messages).toMatchObject([{ key: line?.key, state: 'sent' }]);
  });
});

describe('over Agora (S9)', () => {
  const token = {
    mode: 'agora',
    app_id: 'app',
    channel: 'channel',
    account: me,
    rtc_token: 'rtc-1',
    rtm_token: 'rtm-1',
    expires_at_ms: 2_000_000,
  };
  const active = {
    modality: 'voice',
    state: 'active',
    accepted: true,
    in: { client: true, reader: true },
  } as const;

  /** A room that meets there, and what it asks of either of Agora's lines. */
  async function agoraWorld({
    join = async () => {},
    renew = async () => {},
  }: {
    join?: () => Promise<void>;
    renew?: () => Promise<void>;
  } = {}) {
    const rung: string[] = [];
    let ring: (what: Ring) => void = () => {};
    let tell: (event: MediaEvent) => void = () => {};
    const line = (name: string) => ({
      async renew({ rtc_token }: { rtc_token: string }) {
        rung.push(`${name} renewed ${rtc_token}`);
        if (name === 'media') await renew();
      },
      async join() {
        rung.push(`${name} joined`);
        await join();
      },
      publish: async (kind: string) => void rung.push(`${name} published ${kind}`),
      subscribe(listener: (event: MediaEvent) => void) {
        tell = listener;
        return () => {};
      },
      leave: async () => void rung.push(`${name} left`),
      ring: (what: string) => void rung.push(what),
      stop: async () => void rung.push(`${name} stopped`),
    });
    const there = world(active, {
      token,
      agora: {
        media: () => line('media'),
        bell({ heard }) {
          ring = heard;
          return line('bell');
        },
      },
    });
    await there.room.enter();
    await settled();
    expect(rung).toEqual(['media joined']);
    rung.length = 0;
    return {
      ...there,
      rung,
      ring: (what: Ring) => ring(what),
      tell: (event: MediaEvent) => tell(event),
      tokens: () => there.calls.filter((call) => call === 'POST /rtc-token').length,
    };
  }
  const microphone = { kind: 'audio' } as MediaStreamTrack;

  it('rings the second bell for what it has done, once that is so', async () => {
    const { room, said, hear, rung } = await agoraWorld();
    room.typing();
    room.write('Hello');
    expect(rung).toEqual(['typing']);
    const message = said.find(({ type }) => type === 'chat');
    hear({ type: 'chat', id: message?.id ?? '', from_person_id: me, text: 'Hello' });
    hear({ type: 'chat', id: 'theirs', from_person_id: other, text: 'Hello, too' });
    expect(rung).toEqual(['typing', 'look']);
    await room.raise(40);
    expect(rung).toEqual(['typing', 'look', 'look']);
  });

  it('heeds it while its own socket is lost, and only then', async () => {
    const { room, calls, ring, lineIs } = await agoraWorld();
    calls.length = 0;
    ring('look');
    ring('typing');
    await settled();
    expect([calls, room.get().typing_ms]).toEqual([[], null]);
    lineIs({ state: 'lost', since_ms: 1 });
    for (let n = 0; n < 100; n += 1) ring('look');
    ring('typing');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.toSorted()).toEqual(['GET', 'GET /messages']);
    expect(room.get().typing_ms).not.toBe(null);
  });

  it('renews both tokens before they end, and leaves both lines', async () => {
    const { room, rung } = await agoraWorld();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(rung).toEqual(expect.arrayContaining(['media renewed rtc-1', 'bell renewed rtc-1']));
    rung.length = 0;
    await room.stepOut();
    expect(rung.toSorted()).toEqual(['bell stopped', 'media left']);
  });

  it('nothing is sent when one has left before it had met, and it meets anew when one is back', async () => {
    const joining = Promise.withResolvers<void>();
    const { room, rung, tokens } = await agoraWorld({ join: () => joining.promise });
    room.publish('audio', microphone);
    rung.length = 0;
    await room.stepOut();
    await room.enter();
    await settled();
    expect(rung.toSorted()).toEqual(['bell stopped', 'media joined', 'media left']);
    rung.length = 0;
    joining.resolve();
    await settled();
    expect(rung).toEqual(['media published audio']);
    expect(tokens()).toBe(2);
  });

  it('what is over is let go of, though it had not met yet', async () => {
    const { room, rung, moved } = await agoraWorld({ join: () => new Promise(() => {}) });
    moved({ state: 'ended', end: { reason: 'ended_by_reader', by: 'reader', at_ms: 9, said: null } });
    await settled();
    expect([room.get().entered, rung.toSorted()]).toEqual([false, ['bell stopped', 'media left']]);
  });

  it('meets anew with another token when Agora has given up', async () => {
    const { room, rung, tell, tokens } = await agoraWorld();
    tell({ type: 'link', link: 'failed' });
    tell({ type: 'link', link: 'failed' });
    await settled();
    expect([room.get().media.link, rung.toSorted()]).toEqual(['failed', ['bell stopped', 'media left']]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect([room.get().media.link, rung.at(-1), tokens()]).toEqual(['connecting', 'media joined', 2]);
  });

  it('goes on renewing when it could not be done once', async () => {
    let tries = 0;
    const { rung, tokens } = await agoraWorld({
      async renew() {
        tries += 1;
        if (tries === 1) throw new Error('no network');
      },
    });
    const renewals = () => rung.filter((what) => what === 'media renewed rtc-1').length;
    await vi.advanceTimersByTimeAsync(880_100);
    expect(renewals()).toBe(1);
    await vi.advanceTimersByTimeAsync(10_100);
    expect([renewals(), tokens()]).toEqual([2, 3]);
  });

  it('what was said of a refused token is taken back once there is one', async () => {
    const { room, refusals, rung } = await agoraWorld();
    await room.stepOut();
    refusals.set('/rtc-token', 'insufficient_balance');
    await room.enter();
    await settled();
    expect(room.get().refusal?.code).toBe('insufficient_balance');
    refusals.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect([room.get().refusal, rung.at(-1)]).toEqual([null, 'media joined']);
  });
});
