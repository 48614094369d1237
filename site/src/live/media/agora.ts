/** Sound and picture over Agora. Its library is large and is fetched only when realtime says that rooms meet there. */

import type {
  IAgoraRTC,
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ILocalAudioTrack,
  ILocalVideoTrack,
} from 'agora-rtc-sdk-ng';
import type { RtcToken } from 'realtime/contract';
import { createEmitter, type Kind, type Link, type Media, type Quality, type Remote } from './media.ts';

export type AgoraToken = Extract<RtcToken, { mode: 'agora' }>;

export interface AgoraOptions {
  token: AgoraToken;
  carries: readonly Kind[];
  /** Agora's library. */
  load?: () => Promise<IAgoraRTC>;
}

export interface AgoraMedia extends Media {
  renew(token: AgoraToken): Promise<void>;
}

const loadLibrary = async (): Promise<IAgoraRTC> => (await import('agora-rtc-sdk-ng')).default;

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
  const local: Partial<Record<Kind, ILocalAudioTrack | ILocalVideoTrack>> = {};
  let library: IAgoraRTC | undefined;
  let client: IAgoraRTCClient | undefined;
  const wanted: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  /** One thing after another: its library refuses to publish twice at once. */
  let work: Promise<void> = Promise.resolve();

  const tellRemotes = () => emit({ type: 'remotes', remotes: [...remotes.values()] });

  function noteRemote({ uid, audioTrack, videoTrack }: IAgoraRTCRemoteUser): void {
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
  }

  /** What is wanted may be another thing by the time it is its turn. */
  async function send(kind: Kind): Promise<void> {
    const [track, present] = [wanted[kind], local[kind]];
    if (!client || !library) return;
    if (track && present && 'replaceTrack' in present) {
      // A copy, since Agora stops what it lets go of.
      await present.replaceTrack(track.clone(), true);
      return;
    }
    if (present) {
      delete local[kind];
      await client.unpublish(present);
      present.close();
    }
    if (!track) return;
    const mediaStreamTrack = track.clone();
    const fresh =
      kind === 'audio'
        ? library.createCustomAudioTrack({ mediaStreamTrack })
        : library.createCustomVideoTrack({ mediaStreamTrack });
    local[kind] = fresh;
    await client.publish(fresh);
  }

  return {
    async join() {
      if (client) return;
      library = await load();
      library.setLogLevel(3);
      client = library.createClient({ mode: 'rtc', codec: 'vp8' });
      listen(client);
      await client.join(token.app_id, token.channel, token.rtc_token, token.account);
      emit({ type: 'link', link: 'connected' });
      for (const kind of carries) if (wanted[kind]) await send(kind);
    },

    publish(kind, track) {
      if (!carries.includes(kind)) return Promise.resolve();
      wanted[kind] = track;
      work = work.then(() => send(kind)).catch(() => emit({ type: 'link', link: 'failed' }));
      return work;
    },

    subscribe,

    renew: async ({ rtc_token }) => client?.renewToken(rtc_token),

    async leave() {
      const present = client;
      client = undefined;
      for (const track of Object.values(local)) track.close();
      remotes.clear();
      tellRemotes();
      present?.removeAllListeners();
      await present?.leave();
    },
  };
}
