/** The camera and the microphone of this device: asked for, chosen, switched off and on, and let go of. */

import { createStore, type Store } from '../store.ts';
import { type Kind, kinds } from './media.ts';

/** Why there is no camera or no microphone. */
export type DeviceFault = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export interface DeviceChoice {
  id: string;
  label: string;
}

export interface DevicesState {
  /** Not asked yet, asking, or asked. */
  phase: 'idle' | 'asking' | 'asked';
  tracks: Record<Kind, MediaStreamTrack | null>;
  /** Switched on by whom it belongs to, whether or not it is there. */
  on: Record<Kind, boolean>;
  faults: Record<Kind, DeviceFault | null>;
  choices: Record<Kind, DeviceChoice[]>;
  chosen: Record<Kind, string | null>;
}

export interface Devices extends Store<DevicesState> {
  /** Asks for what is wanted; the browser asks its person. Again after a refusal, too. */
  open(): Promise<void>;
  choose(kind: Kind, id: string): Promise<void>;
  turn(kind: Kind, on: boolean): Promise<void>;
  /** What may be sent now: there, and switched on. */
  sendable(kind: Kind): MediaStreamTrack | null;
  /** Lets go of everything: lights go out. */
  close(): void;
}

const nothing: DevicesState = {
  phase: 'idle',
  tracks: { audio: null, video: null },
  on: { audio: true, video: true },
  faults: { audio: null, video: null },
  choices: { audio: [], video: [] },
  chosen: { audio: null, video: null },
};

const inputs = { audio: 'audioinput', video: 'videoinput' } as const;
const wishes = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
} as const satisfies Record<Kind, MediaTrackConstraints>;

/** What the name of an exception of `getUserMedia` means. */
export function faultOf(error: unknown): DeviceFault {
  switch ((error as { name?: string } | null)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

export interface DevicesOptions {
  wants: readonly Kind[];
  /** What was chosen the last time. */
  chosen?: Partial<Record<Kind, string | null>>;
  media?: MediaDevices | undefined;
}

export function createDevices({
  wants,
  chosen = {},
  media = globalThis.navigator?.mediaDevices,
}: DevicesOptions): Devices {
  const store = createStore<DevicesState>({ ...nothing, chosen: { ...nothing.chosen, ...chosen } });
  let closed = false;

  const part = <K extends 'tracks' | 'on' | 'faults' | 'chosen' | 'choices'>(
    name: K,
    kind: Kind,
    value: DevicesState[K][Kind],
  ) => store.set({ [name]: { ...store.get()[name], [kind]: value } });

  async function openOne(kind: Kind): Promise<void> {
    const id = store.get().chosen[kind];
    const wish: MediaTrackConstraints = { ...wishes[kind], ...(id ? { deviceId: { ideal: id } } : {}) };
    try {
      if (!media) throw Object.assign(new Error('no devices here'), { name: 'insecure' });
      const stream = await media.getUserMedia({ [kind]: wish });
      const [track] = stream.getTracks();
      if (!track) return part('faults', kind, 'missing');
      if (closed || !store.get().on[kind]) return track.stop();
      store.get().tracks[kind]?.stop();
      track.addEventListener('ended', () => {
        if (store.get().tracks[kind] !== track) return;
        part('tracks', kind, null);
        part('faults', kind, 'missing');
      });
      part('tracks', kind, track);
      part('faults', kind, null);
      part('chosen', kind, track.getSettings().deviceId ?? id);
    } catch (error) {
      part('tracks', kind, null);
      part('faults', kind, media ? faultOf(error) : 'insecure');
    }
  }

  async function list(): Promise<void> {
    const all = (await media?.enumerateDevices().catch(() => [])) ?? [];
    for (const kind of kinds)
      part(
        'choices',
        kind,
        all
          .filter((one) => one.kind === inputs[kind] && one.deviceId !== '')
          .map(({ deviceId, label }, index) => ({
            id: deviceId,
            label: label || `${kind === 'video' ? 'Camera' : 'Microphone'} ${index + 1}`,
          })),
      );
  }

  const changed = () => void list();
  media?.addEventListener('devicechange', changed);

  return {
    get: store.get,
    subscribe: store.subscribe,

    async open() {
      closed = false;
      store.set({ phase: 'asking' });
      // One after the other: who refuses the camera may still give the microphone.
      for (const kind of wants) if (store.get().on[kind] && !store.get().tracks[kind]) await openOne(kind);
      await list();
      store.set({ phase: 'asked' });
    },

    async choose(kind, id) {
      part('chosen', kind, id);
      if (store.get().on[kind]) await openOne(kind);
    },

    async turn(kind, on) {
      part('on', kind, on);
      const track = store.get().tracks[kind];
      if (on) {
        if (track) track.enabled = true;
        else await openOne(kind);
      } else if (track && kind === 'audio') {
        // Kept, so that nobody is asked again; what is switched off isn't sent, and silent besides.
        track.enabled = false;
      } else {
        // A camera's light goes out only when it is let go of.
        track?.stop();
        part('tracks', kind, null);
      }
    },

    sendable: (kind) => (store.get().on[kind] ? store.get().tracks[kind] : null),

    close() {
      closed = true;
      media?.removeEventListener('devicechange', changed);
      for (const kind of kinds) store.get().tracks[kind]?.stop();
      store.set({ tracks: nothing.tracks, phase: 'idle' });
    },
  };
}

/**
 * How loud a microphone is, from 0 to 1, some times a second.
 *
 * @returns the end of it.
 */
export function listenToLevel(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const mean = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // From a whisper to a shout, as ears take it.
    const decibels = 10 * Math.log10(mean + 1e-10);
    heard(Math.min(1, Math.max(0, (decibels + 60) / 50)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
