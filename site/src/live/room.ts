/**
 * One's own side of a session: what its state is, coming in and coming back, what is written, and whoever carries sound and
 * picture. It knows no React and no HTML. The truth is realtime's: each word of the socket that something has changed makes it
 * read the session anew.
 */

import type { RoomMessage, RtcToken, SessionMessage, SessionView, Signal } from 'realtime/contract';
import type { Api, Refusal } from './api.ts';
import { type Bell, createBell, type Ring } from './bell.ts';
import { type AgoraMedia, createAgoraMedia } from './media/agora.ts';
import {
  type Kind,
  kinds,
  type Link,
  type Media,
  type MediaEvent,
  type Quality,
  type Remote,
} from './media/media.ts';
import { createPeerMedia, type PeerMedia } from './media/peer.ts';
import { carriedIn, isOver, otherSide, type Side } from './session.ts';
import type { Socket } from './socket.ts';
import { createStore, type Store } from './store.ts';

export interface ChatLine {
  key: string;
  side: Side;
  text: string;
  at_ms: number;
  /** One's own, on its way: it may have arrived or not. */
  state: 'sent' | 'sending' | 'failed';
}

export interface RoomState {
  view: SessionView;
  /** The server's clock less this one's. */
  ahead_ms: number;
  /** Came in, and wants to be in. */
  entered: boolean;
  /** Coming in or back is under way. */
  entering: boolean;
  /** Why one couldn't come in, come back, or meet. */
  refusal: Refusal | null;
  /** The same person is in the room from another tab or device, later than here. */
  takenOver: boolean;
  messages: ChatLine[];
  /** The other one is writing, as of this time of this clock. */
  typing_ms: number | null;
  media: { link: Link | null; quality: Quality | null; remote: Remote | null };
}

export interface Room extends Store<RoomState> {
  enter(): Promise<void>;
  /** Leaves for a moment: the clock stops, the grace time runs. */
  stepOut(): Promise<void>;
  end(): Promise<Refusal | null>;
  cancel(): Promise<Refusal | null>;
  decline(): Promise<Refusal | null>;
  raise(maximum_minutes: number): Promise<Refusal | null>;
  refresh(): Promise<void>;
  write(text: string): void;
  again(key: string): void;
  typing(): void;
  /** Sends what is there to be sent of a kind, or nothing of it. */
  publish(kind: Kind, track: MediaStreamTrack | null): void;
  close(): void;
}

/** Where other tabs of this browser hear who came in last. */
export interface Tabs {
  tell(): void;
  told(listener: () => void): () => void;
}

export interface RoomOptions {
  session: SessionView;
  me: string;
  socket: Socket;
  api: Api;
  tabs: Tabs;
  now?: () => number;
  newKey?: () => string;
  /** What Agora carries, by its libraries. */
  agora?: { media: typeof createAgoraMedia; bell: typeof createBell };
}

const refreshEveryMs = 20_000;
/** A message that nobody has seen come back is sent over HTTP instead. */
const echoWithinMs = 4_000;
const typingEveryMs = 2_000;
/** A token is renewed this long before it ends. */
const renewBeforeMs = 120_000;
const renewAgainAfterMs = 10_000;
const meetAnewAfterMs = 5_000;
const finalisedEveryMs = 1_500;
/** However often the other side rings, it is looked at most so often. */
const lookAfterMs = 400;

/** Messages in order and each once: what comes later knows more. */
export function mergedLines(lines: ChatLine[], more: ChatLine[]): ChatLine[] {
  const byKey = new Map(lines.map((line) => [line.key, line]));
  for (const line of more) byKey.set(line.key, line);
  return [...byKey.values()].sort((one, other) => one.at_ms - other.at_ms);
}

export function createRoom({
  session,
  me,
  socket,
  api,
  tabs,
  now = Date.now,
  newKey = () => crypto.randomUUID(),
  agora = { media: createAgoraMedia, bell: createBell },
}: RoomOptions): Room {
  const { id } = session;
  const side: Side = session.you === 'reader' ? 'reader' : 'client';
  const name = `session:${id}`;
  const path = `/api/sessions/${id}`;
  const carries = carriedIn(session);
  const store = createStore<RoomState>({
    view: session,
    ahead_ms: session.server_time_ms - now(),
    entered: false,
    entering: false,
    refusal: null,
    takenOver: false,
    messages: [],
    typing_ms: null,
    media: { link: null, quality: null, remote: null },
  });
  const tracks: Partial<Record<Kind, MediaStreamTrack>> = {};
  let media: Media | undefined;
  let peer: PeerMedia | undefined;
  let overAgora: { media: AgoraMedia; bell: Bell } | undefined;
  /** The present try: the token is asked for, or the library is fetched. */
  let meeting: symbol | undefined;
  /** Why there was no token, until there is one. */
  let noToken: Refusal | null = null;
  /** When one came in here, by the server's clock. */
  let enteredAt = 0;
  let leaveRoom = (): void => {};
  let lastTyping = 0;
  let timers: ReturnType<typeof setTimeout>[] = [];
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let finalising: ReturnType<typeof setTimeout> | undefined;
  let refreshing: Promise<void> | undefined;
  let looksSoon = false;
  let isStale = false;
  let settling = false;
  let isUnsettled = false;
  let closed = false;

  const after = (ms: number, work: () => void): ReturnType<typeof setTimeout> => {
    const timer = setTimeout(() => {
      timers = timers.filter((one) => one !== timer);
      if (!closed) work();
    }, ms);
    timers.push(timer);
    return timer;
  };
  const setMedia = (change: Partial<RoomState['media']>) =>
    store.set({ media: { ...store.get().media, ...change } });

  // ── What the session is ────────────────────────────────────────────────────────────────

  /** Takes a session as realtime has told it, unless a newer one is known. */
  function take(view: SessionView, asked: number): void {
    const known = store.get().view;
    if (
      view.version < known.version ||
      (view.version === known.version && view.server_time_ms < known.server_time_ms)
    )
      return;
    // Half of the way there and back.
    store.set({ view, ahead_ms: view.server_time_ms - (asked + now()) / 2 });
    void settle();
    if (view.state !== 'ended' || finalising) return;
    finalising = after(finalisedEveryMs, () => {
      finalising = undefined;
      void refresh();
    });
  }

  async function ask(act: string, body?: unknown): Promise<Refusal | null> {
    const asked = now();
    const answer = await api<SessionView>('POST', `${path}/${act}`, body === undefined ? {} : { body });
    if (closed) return null;
    if (!answer.ok) return answer.refusal;
    take(answer.value, asked);
    overAgora?.bell.ring('look');
    return null;
  }

  /** Reads the session; once more when something was heard while it read. */
  function refresh(): Promise<void> {
    isStale = true;
    refreshing ??= (async () => {
      while (isStale && !closed) {
        isStale = false;
        const asked = now();
        const answer = await api<SessionView>('GET', path);
        if (answer.ok && !closed) take(answer.value, asked);
      }
    })().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  /** Does what the state asks of whoever wants to be in the room: come in, come back, meet, or let go. */
  async function settle(): Promise<void> {
    isUnsettled = true;
    if (settling) return;
    settling = true;
    try {
      while (isUnsettled && !closed) {
        isUnsettled = false;
        const { view, entered, takenOver } = store.get();
        if (isOver(view)) await part();
        else if (entered && !takenOver) {
          await comeIn(view);
          // On its own: what a library takes to come keeps nobody from leaving.
          void meet();
        }
      }
    } finally {
      settling = false;
    }
  }

  async function comeIn({ state, in: present, pause }: SessionView): Promise<void> {
    const absent = !present[side];
    const act =
      (state === 'waiting' || state === 'reconnecting') && absent
        ? 'join'
        : state === 'paused' && pause?.side === side
          ? 'reconnect'
          : null;
    if (!act || socket.status.get().state === 'closed') return;
    const refusal = await ask(act);
    // Lost on the way: the socket says when there is a way again.
    if (refusal?.code === 'unreachable') return;
    store.set({ refusal });
    if (refusal) await refreshOnce();
  }

  /** After a refusal the session may be another than was thought. */
  async function refreshOnce(): Promise<void> {
    const asked = now();
    const answer = await api<SessionView>('GET', path);
    if (answer.ok && !closed && answer.value.version > store.get().view.version) take(answer.value, asked);
  }

  // ── What is heard ──────────────────────────────────────────────────────────────────────

  function heard(body: RoomMessage, at_ms: number): void {
    switch (body.type) {
      case 'session':
        void refresh();
        return;
      case 'meter': {
        const { view } = store.get();
        const { paid_minutes, paid_cents, minutes_left } = body;
        if (paid_minutes < view.paid_minutes) return;
        store.set({
          view: {
            ...view,
            paid_minutes,
            cost_cents: paid_cents,
            minutes_left: minutes_left ?? view.minutes_left,
          },
        });
        void refresh();
        return;
      }
      case 'chat': {
        const from: Side = body.from_person_id === me ? side : otherSide(side);
        // It is written down by now.
        if (from === side) overAgora?.bell.ring('look');
        addLines([{ key: body.id, side: from, text: body.text, at_ms, state: 'sent' }]);
        if (from !== side) store.set({ typing_ms: null });
        return;
      }
      case 'typing':
        if (body.from_person_id !== me) store.set({ typing_ms: now() });
        return;
      case 'signal':
        if (body.from_person_id !== me) peer?.receive(body.signal);
        // Of one's own only another page speaks; what the earlier one says crosses with the later one's.
        else if (store.get().entered && (body.entered_ms ?? Number.POSITIVE_INFINITY) > enteredAt)
          void giveWay();
        return;
      default:
        return;
    }
  }

  /** The socket tells the same, and more, while it is open. */
  function rung(what: Ring): void {
    if (closed || socket.status.get().state === 'open') return;
    if (what === 'typing') {
      store.set({ typing_ms: now() });
      return;
    }
    if (looksSoon) return;
    looksSoon = true;
    after(lookAfterMs, () => {
      looksSoon = false;
      void readMessages();
      void refresh();
    });
  }

  function joined(resumed: boolean): void {
    if (!resumed) void readMessages();
    void refresh().then(settle);
  }

  function refused(code: string, key: string | undefined): void {
    const line = store.get().messages.find((one) => one.key === key && one.state === 'sending');
    if (line) void deliver(line);
    else if (code !== 'too_many_messages' && code !== 'malformed') void refresh();
  }

  // ── What is written ────────────────────────────────────────────────────────────────────

  const addLines = (lines: ChatLine[]) => store.set({ messages: mergedLines(store.get().messages, lines) });
  const toLine = ({ key, side: from, text, at_ms }: SessionMessage): ChatLine => ({
    key,
    side: from,
    text,
    at_ms,
    state: 'sent',
  });

  async function readMessages(): Promise<void> {
    const limit = 500;
    for (let last = 0; !closed; ) {
      const answer = await api<{ messages: SessionMessage[] }>(
        'GET',
        `${path}/messages?after=${last}&limit=${limit}`,
      );
      if (!answer.ok) return;
      const { messages } = answer.value;
      addLines(messages.map(toLine));
      last = messages.at(-1)?.number ?? last;
      if (messages.length < limit) return;
    }
  }

  function sayLine(line: ChatLine): void {
    addLines([{ ...line, state: 'sending' }]);
    const isSaid = socket.say({ type: 'chat', room: name, id: line.key, text: line.text });
    if (!isSaid) void deliver(line);
    else
      after(echoWithinMs, () => {
        const kept = store.get().messages.find(({ key }) => key === line.key);
        if (kept?.state === 'sending') void deliver(kept);
      });
  }

  /** The same message over HTTP: its key makes it one, however often it arrives. */
  async function deliver({ key, text }: ChatLine): Promise<void> {
    const answer = await api<SessionMessage>('POST', `${path}/messages`, { body: { key, text } });
    if (closed) return;
    const kept = store.get().messages.find((one) => one.key === key);
    if (answer.ok) {
      addLines([toLine(answer.value)]);
      overAgora?.bell.ring('look');
    } else if (kept?.state === 'sending') addLines([{ ...kept, state: 'failed' }]);
  }

  // ── Sound and picture ──────────────────────────────────────────────────────────────────

  const mayMeet = ({ state, accepted }: SessionView) => carries.length > 0 && accepted && state !== 'created';

  async function meet(): Promise<void> {
    if (media || meeting || !mayMeet(store.get().view)) return;
    const mine = Symbol('try');
    meeting = mine;
    try {
      const answer = await api<RtcToken>('POST', `${path}/rtc-token`);
      const { view, entered, takenOver } = store.get();
      if (closed || meeting !== mine || isOver(view) || !entered || takenOver) return;
      if (!answer.ok) {
        if (answer.refusal.code !== 'unreachable') {
          noToken = answer.refusal;
          store.set({ refusal: noToken });
        }
        after(refreshEveryMs, () => void settle());
        return;
      }
      if (noToken && store.get().refusal === noToken) store.set({ refusal: null });
      noToken = null;
      const token = answer.value;
      const made = make(token);
      media = made;
      made.subscribe((event) => onMedia(made, event));
      setMedia({ link: 'connecting' });
      await made.join();
      // One may have left meanwhile, and it with one.
      for (const kind of kinds) if (meeting === mine && tracks[kind]) await made.publish(kind, tracks[kind]);
      if (meeting === mine) renewIn(token.expires_at_ms);
    } catch {
      if (meeting === mine) await meetAnew();
    } finally {
      if (meeting === mine) meeting = undefined;
    }
  }

  /** What can't carry any more is let go of, and another takes its place in a while, with another token. */
  async function meetAnew(): Promise<void> {
    const dropped = drop();
    setMedia({ link: 'failed' });
    after(meetAnewAfterMs, () => void settle());
    await dropped;
  }

  function make(token: RtcToken): Media {
    if (token.mode === 'agora') {
      overAgora = { media: agora.media({ token, carries }), bell: agora.bell({ token, heard: rung }) };
      return overAgora.media;
    }
    const { view } = store.get();
    peer = createPeerMedia({
      polite: side === 'client',
      carries,
      iceServers: token.ice_servers,
      remoteId: side === 'client' ? view.reader.person_id : view.client.person_id,
      send: (signal: Signal) =>
        void socket.say({ type: 'signal', room: name, signal, entered_ms: enteredAt }),
    });
    return peer;
  }

  function onMedia(from: Media, event: MediaEvent): void {
    if (media !== from) return;
    switch (event.type) {
      case 'remotes':
        setMedia({ remote: event.remotes[0] ?? null });
        return;
      case 'link':
        setMedia({ link: event.link });
        // Peer to peer begins anew by itself.
        if (event.link === 'failed' && from === overAgora?.media) void meetAnew();
        return;
      case 'quality':
        setMedia({ quality: event.quality });
        return;
      case 'renewal':
        void renew();
        return;
      case 'taken_over':
        void giveWay();
        return;
    }
  }

  function renewIn(expires_at_ms: number): void {
    clearTimeout(renewal);
    const ms = expires_at_ms - (now() + store.get().ahead_ms) - renewBeforeMs;
    renewal = after(Math.max(1_000, ms), () => void renew());
  }

  async function renew(): Promise<void> {
    const present = media;
    if (!present) return;
    const expires_at_ms = await renewed().catch(() => null);
    if (media !== present) return;
    if (expires_at_ms !== null) return renewIn(expires_at_ms);
    // Without money there is none; there may be some in a while, and the session says itself when it is over.
    clearTimeout(renewal);
    renewal = after(renewAgainAfterMs, () => void renew());
  }

  /** Gives the end of the new token; null where there is none. */
  async function renewed(): Promise<number | null> {
    const answer = await api<RtcToken>('POST', `${path}/rtc-token`);
    if (!answer.ok) return null;
    const token = answer.value;
    if (token.mode === 'p2p') await peer?.renew(token.ice_servers);
    else await Promise.all([overAgora?.media.renew(token), overAgora?.bell.renew(token)]);
    return token.expires_at_ms;
  }

  async function drop(): Promise<void> {
    const present = media;
    media = undefined;
    meeting = undefined;
    peer = undefined;
    void overAgora?.bell.stop();
    overAgora = undefined;
    clearTimeout(renewal);
    setMedia({ link: null, quality: null, remote: null });
    await present?.leave().catch(() => {});
  }

  // ── Being in the room ──────────────────────────────────────────────────────────────────

  function beHere(heartbeat: boolean): void {
    const leaveBefore = leaveRoom;
    leaveRoom = socket.join(name, { message: heard, joined, refused }, { heartbeat });
    leaveBefore();
  }

  /** Stays a spectator: whoever came in later is the one who is there. */
  async function giveWay(): Promise<void> {
    if (store.get().takenOver) return;
    store.set({ takenOver: true, entered: false });
    beHere(false);
    await drop();
  }

  /** What is over needs no sound, no picture and no heartbeat. */
  async function part(): Promise<void> {
    if (!store.get().entered && !media) return;
    store.set({ entered: false });
    beHere(false);
    await drop();
  }

  const stopTabs = tabs.told(() => {
    if (store.get().entered) void giveWay();
  });
  const stopStatus = socket.status.subscribe(() => {
    if (socket.status.get().state === 'open') void settle();
  });
  const refreshTimer = setInterval(() => {
    if (store.get().view.state !== 'finalized') void refresh();
  }, refreshEveryMs);
  beHere(false);
  void readMessages();

  return {
    get: store.get,
    subscribe: store.subscribe,
    refresh,

    async enter() {
      const { view } = store.get();
      if (isOver(view)) return;
      enteredAt = Math.round(now() + store.get().ahead_ms);
      store.set({ entered: true, entering: true, takenOver: false, refusal: null });
      tabs.tell();
      beHere(true);
      // Already there by the state: after a reload nothing is to be said but “I am here”.
      await settle();
      store.set({ entering: false });
    },

    async stepOut() {
      store.set({ entered: false });
      beHere(false);
      await drop();
      store.set({ refusal: await ask('leave') });
    },

    end: () => ask('end'),
    cancel: () => ask('cancel'),
    decline: () => ask('decline'),
    raise: (maximum_minutes) => ask('maximum', { maximum_minutes }),

    write(text) {
      // As realtime takes it (contract/text.ts): a browser can cut a pasted character in half.
      const trimmed = text.replaceAll('\0', '').toWellFormed().trim();
      if (trimmed === '') return;
      const { ahead_ms } = store.get();
      sayLine({ key: newKey(), side, text: trimmed, at_ms: now() + ahead_ms, state: 'sending' });
      lastTyping = 0;
    },

    again(key) {
      const line = store.get().messages.find((one) => one.key === key && one.state === 'failed');
      if (line) sayLine(line);
    },

    typing() {
      if (now() - lastTyping < typingEveryMs) return;
      lastTyping = now();
      socket.say({ type: 'typing', room: name });
      overAgora?.bell.ring('typing');
    },

    publish(kind, track) {
      if (track) tracks[kind] = track;
      else delete tracks[kind];
      void media?.publish(kind, track);
    },

    close() {
      closed = true;
      leaveRoom();
      stopTabs();
      stopStatus();
      clearInterval(refreshTimer);
      for (const timer of timers) clearTimeout(timer);
      void drop();
    },
  };
}
