/** Sound and picture over Agora. Its library is large and is fetched only when realtime says that rooms meet there. */

import type {
  IAgoraRTC,
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ILocalAudioTrack,
  ILocalVideoTrack,
} from 'agora-rtc-sdk-ng';
import type { RtcToken } from 'realtime/contract';
import {
  createEmitter,
  type Kind,
  kinds,
  type Link,
  type Media,
  type Quality,
  type Remote,
} from './media.ts';

export type AgoraToken = Extract<RtcToken, { mode: 'agora' }>;

export interface AgoraOptions {
  token: AgoraToken;
  carries: readonly Kind[];
  /** Agora's library. */
  load?: () => Promise<IAgoraRTC>;
}

/** Once left it is over: whoever comes back makes another one. */
export interface AgoraMedia extends Media {
  renew(token: AgoraToken): Promise<void>;
}

/** What Agora has of ours. */
interface Sent {
  track: ILocalAudioTrack | ILocalVideoTrack;
  of: MediaStreamTrack;
  /** Agora stops what it lets go of, which must not be the original. */
  copy: MediaStreamTrack;
}

const loadLibrary = async (): Promise<IAgoraRTC> => (await import('agora-rtc-sdk-ng')).default;

/** A track that couldn't be published is tried once more after this. */
const publishAgainMs = 3_000;

const links: Record<string, Link> = {
  CONNECTING: 'connecting',
  CONNECTED: 'connected',
  RECONNECTING: 'interrupted',
};

/** Of Agora's marks, from 1 (excellent) to 6 (gone); 0 is unknown. */
function qualityOf(mark: number): Quality | null {
  if (mark === 0) return null;
  return mark <= 2 ? 'good' : mark === 3 ? 'fair' : 'poor';
}

export function createAgoraMedia({ token, carries, load = loadLibrary }: AgoraOptions): AgoraMedia {
  const { emit, subscribe } = createEmitter();
  const remotes = new Map<string, Remote>();
  /** From the moment that it is being published. */
  const local: Partial<Record<Kind, Sent>> = {};
  const wanted: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  const again: Partial<Record<Kind, ReturnType<typeof setTimeout>>> = {};
  let library: IAgoraRTC | undefined;
  let client: IAgoraRTCClient | undefined;
  let phase: 'out' | 'in' | 'left' = 'out';
  let entering: Promise<void> | undefined;
  /** One thing after another: its library refuses to publish twice at once. */
  let work: Promise<void> = Promise.resolve();

  const hasLeft = () => phase === 'left';
  const tellRemotes = () => emit({ type: 'remotes', remotes: [...remotes.values()] });

  function noteRemote({ uid, audioTrack, videoTrack }: IAgoraRTCRemoteUser): void {
    // What was being subscribed to when one left comes too late.
    if (hasLeft()) return;
    const id = String(uid);
    remotes.set(id, {
      id,
      audio: audioTrack?.getMediaStreamTrack() ?? null,
      video: videoTrack?.getMediaStreamTrack() ?? null,
    });
    tellRemotes();
  }

  function listen(to: IAgoraRTCClient): void {
    to.on('user-published', (user, kind) => {
      if (kind !== 'audio' && kind !== 'video') return;
      void to.subscribe(user, kind).then(
        () => noteRemote(user),
        () => {
          // It has gone again meanwhile, which is told by itself.
        },
      );
    });
    to.on('user-unpublished', noteRemote);
    to.on('user-left', ({ uid }) => {
      remotes.delete(String(uid));
      tellRemotes();
    });
    to.on('connection-state-change', (state, _before, reason) => {
      if (reason === 'UID_CONFLICT') return emit({ type: 'taken_over' });
      const link = links[state];
      if (link) emit({ type: 'link', link });
      else if (state === 'DISCONNECTED' && reason !== 'LEAVE') emit({ type: 'link', link: 'failed' });
    });
    to.on('network-quality', ({ uplinkNetworkQuality, downlinkNetworkQuality }) => {
      const quality = qualityOf(Math.max(uplinkNetworkQuality, downlinkNetworkQuality));
      if (quality) emit({ type: 'quality', quality });
    });
    to.on('token-privilege-will-expire', () => emit({ type: 'renewal' }));
    // A device that slept has missed the renewal, and the channel has put it out: only a new token lets it in again.
    to.on('token-privilege-did-expire', () => emit({ type: 'link', link: 'failed' }));
  }

  function release(kind: Kind): void {
    const sent = local[kind];
    delete local[kind];
    sent?.copy.stop();
    sent?.track.close();
  }

  async function takeBack(kind: Kind, { track, copy }: Sent): Promise<void> {
    // The light goes out now, not when the network has answered; and a phone may have one camera only to give.
    copy.stop();
    try {
      await client?.unpublish(track);
    } finally {
      release(kind);
    }
  }

  async function replace(kind: Kind, sent: Sent & { track: ILocalVideoTrack }, track: MediaStreamTrack) {
    const before = sent.copy;
    // From now on, so that leaving meanwhile stops it.
    sent.copy = track.clone();
    sent.of = track;
    try {
      await sent.track.replaceTrack(sent.copy, true);
    } catch (error) {
      // Neither is of use now, and what comes next is published anew.
      before.stop();
      await takeBack(kind, sent).catch(() => {});
      throw error;
    }
  }

  async function publishAnew(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (!client || !library) return;
    const copy = track.clone();
    try {
      const made =
        kind === 'audio'
          ? library.createCustomAudioTrack({ mediaStreamTrack: copy })
          : library.createCustomVideoTrack({ mediaStreamTrack: copy });
      local[kind] = { track: made, of: track, copy };
      await client.publish(made);
    } catch (error) {
      copy.stop();
      release(kind);
      throw error;
    }
  }

  async function send(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const sent = local[kind];
    // A voice that goes on must not be interrupted because a picture changed.
    if (sent && sent.of === track) return;
    if (track && sent && isReplaceable(sent)) return replace(kind, sent, track);
    if (sent) await takeBack(kind, sent);
    if (track) await publishAnew(kind, track);
  }

  /** What is wanted may be another thing by the time it is its turn. */
  function sendInTurn(kind: Kind, isLast = false): Promise<void> {
    work = work.then(async () => {
      if (phase !== 'in') return;
      const track = wanted[kind];
      // One track that isn't sent is no failed connection: that is told by itself.
      await send(kind, track).catch((error: unknown) => {
        if (hasLeft()) return;
        console.warn(`Agora, sending ${kind}`, error);
        if (track && !isLast) sendLater(kind, track);
      });
    });
    return work;
  }

  function sendLater(kind: Kind, track: MediaStreamTrack): void {
    clearTimeout(again[kind]);
    again[kind] = setTimeout(() => {
      if (wanted[kind] === track) void sendInTurn(kind, true);
    }, publishAgainMs);
  }

  async function enter(): Promise<void> {
    library = await load();
    if (hasLeft()) return;
    library.setLogLevel(3);
    const entered = library.createClient({ mode: 'rtc', codec: 'vp8' });
    client = entered;
    listen(entered);
    await entered.join(token.app_id, token.channel, token.rtc_token, token.account);
    if (hasLeft()) return entered.leave().catch(() => {});
    phase = 'in';
    emit({ type: 'link', link: 'connected' });
    for (const kind of carries) if (wanted[kind]) void sendInTurn(kind);
    await work;
  }

  return {
    join() {
      if (hasLeft()) return Promise.resolve();
      entering ??= enter().catch((error: unknown) => {
        // Leaving breaks it off.
        if (!hasLeft()) throw error;
      });
      return entering;
    },

    publish(kind, track) {
      if (!carries.includes(kind)) return Promise.resolve();
      wanted[kind] = track;
      clearTimeout(again[kind]);
      return sendInTurn(kind);
    },

    subscribe,

    renew: async ({ rtc_token }) => client?.renewToken(rtc_token),

    async leave() {
      const present = client;
      client = undefined;
      phase = 'left';
      for (const kind of kinds) {
        clearTimeout(again[kind]);
        release(kind);
      }
      remotes.clear();
      tellRemotes();
      present?.removeAllListeners();
      await present?.leave();
    },
  };
}

/** Agora replaces pictures only; a voice is taken back and published anew. */
const isReplaceable = (sent: Sent): sent is Sent & { track: ILocalVideoTrack } =>
  'replaceTrack' in sent.track;
