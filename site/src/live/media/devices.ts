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
  /** Asks for what is wanted; the browser asks its person. Again after a refusal, too, and for the choice that failed. */
  open(): Promise<void>;
  /** Counts when it is switched on, at the latest. One that can't be had leaves the one before, and a fault. */
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

/** A camera that was let go of a moment ago, here or by what sends a copy of it, isn't free at once on some phones. */
const cameraFreeMs = 700;

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
  /** What was opened the last time that it could be, by its id; null is whatever the browser gives. */
  const worked: Partial<Record<Kind, string | null>> = {};
  /** A choice that couldn't be opened, while the one before is in use again. */
  const refused: Partial<Record<Kind, string | null>> = {};
  /** Of each kind one thing after another: a phone may give one camera at a time. */
  const work: Record<Kind, Promise<void>> = { audio: Promise.resolve(), video: Promise.resolve() };
  let closed = false;

  const part = <K extends 'tracks' | 'on' | 'faults' | 'chosen' | 'choices'>(
    name: K,
    kind: Kind,
    value: DevicesState[K][Kind],
  ) => store.set({ [name]: { ...store.get()[name], [kind]: value } });

  function letGo(kind: Kind): void {
    store.get().tracks[kind]?.stop();
    part('tracks', kind, null);
  }

  function forgetFault(kind: Kind): void {
    delete refused[kind];
    part('faults', kind, null);
  }

  /** A microphone that is switched off may be there all the same; a camera isn't. */
  function isWished(kind: Kind, id: string | null): boolean {
    const { on, tracks, chosen } = store.get();
    return !closed && chosen[kind] === id && (on[kind] || (kind === 'audio' && tracks.audio !== null));
  }

  async function askOnce(kind: Kind, id: string | null): Promise<MediaStreamTrack | DeviceFault> {
    if (!media) return 'insecure';
    const wish: MediaTrackConstraints = { ...wishes[kind], ...(id ? { deviceId: { ideal: id } } : {}) };
    try {
      const stream = await media.getUserMedia({ [kind]: wish });
      return stream.getTracks()[0] ?? 'missing';
    } catch (error) {
      return faultOf(error);
    }
  }

  async function ask(kind: Kind, id: string | null): Promise<MediaStreamTrack | DeviceFault> {
    const got = await askOnce(kind, id);
    if (got !== 'busy' || kind === 'audio') return got;
    await new Promise((resolve) => setTimeout(resolve, cameraFreeMs));
    return isWished(kind, id) ? askOnce(kind, id) : got;
  }

  /** Uses what has come, unless it isn't wished for any more. */
  function take(kind: Kind, id: string | null, track: MediaStreamTrack): boolean {
    if (!isWished(kind, id)) {
      track.stop();
      return false;
    }
    store.get().tracks[kind]?.stop();
    track.enabled = store.get().on[kind];
    track.addEventListener('ended', () => {
      if (store.get().tracks[kind] !== track) return;
      part('tracks', kind, null);
      part('faults', kind, 'missing');
    });
    const opened = track.getSettings().deviceId ?? id;
    worked[kind] = opened;
    part('tracks', kind, track);
    part('chosen', kind, opened);
    forgetFault(kind);
    return true;
  }

  /** After a choice that failed: what there was before, so that nobody is left without. Tells whether that is still wished for. */
  async function goBack(kind: Kind, before: string | null): Promise<boolean> {
    part('chosen', kind, before);
    if (store.get().tracks[kind]) return true;
    const got = await ask(kind, before);
    return typeof got === 'string' ? isWished(kind, before) : take(kind, before, got);
  }

  /** Opens what is wished for by the time that it is its turn. */
  async function openOne(kind: Kind): Promise<void> {
    const { chosen, tracks } = store.get();
    const [id, before] = [chosen[kind], worked[kind]];
    if (!isWished(kind, id) || (tracks[kind] && id === before)) return;
    // A microphone is kept until the other one is there; a second camera many a phone would refuse.
    if (kind === 'video') letGo(kind);
    const got = await ask(kind, id);
    if (typeof got !== 'string') {
      take(kind, id, got);
      return;
    }
    // Switched off meanwhile, or another one was chosen, whose turn is next.
    if (!isWished(kind, id)) return;
    if (before !== undefined && before !== id) {
      if (!(await goBack(kind, before))) return;
      refused[kind] = id;
    }
    part('faults', kind, got);
  }

  function openInTurn(kind: Kind): Promise<void> {
    const done = work[kind].then(() => openOne(kind));
    work[kind] = done.catch(() => {});
    return done;
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

  return {
    get: store.get,
    subscribe: store.subscribe,

    async open() {
      closed = false;
      media?.addEventListener('devicechange', changed);
      store.set({ phase: 'asking' });
      // One after the other: who refuses the camera may still give the microphone.
      for (const kind of wants) {
        if (!store.get().on[kind]) continue;
        const failed = refused[kind];
        if (failed !== undefined) part('chosen', kind, failed);
        await openInTurn(kind);
      }
      await list();
      if (!closed) store.set({ phase: 'asked' });
    },

    async choose(kind, id) {
      forgetFault(kind);
      part('chosen', kind, id);
      await openInTurn(kind);
    },

    async turn(kind, on) {
      part('on', kind, on);
      const track = store.get().tracks[kind];
      // Kept when it is off, so that nobody is asked again; what is switched off isn't sent, and silent besides.
      if (track && kind === 'audio') track.enabled = on;
      if (on) return openInTurn(kind);
      forgetFault(kind);
      // A camera's light goes out only when it is let go of.
      if (kind === 'video') letGo(kind);
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
