/**
 * Sound and picture between people, whoever carries them: peer to peer, or Agora. One room of two today; what is remote is a
 * list, and publishing is apart from subscribing, so that one may speak to many.
 */

export type Kind = 'audio' | 'video';
export const kinds = ['audio', 'video'] as const satisfies readonly Kind[];

/** Somebody else, with what is to be heard and seen of them now. */
export interface Remote {
  id: string;
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
}

export type Link = 'connecting' | 'connected' | 'interrupted' | 'failed';
export type Quality = 'good' | 'fair' | 'poor';

export type MediaEvent =
  | { type: 'remotes'; remotes: Remote[] }
  | { type: 'link'; link: Link }
  | { type: 'quality'; quality: Quality }
  /** What was given to join with ends soon: `renew` it. */
  | { type: 'renewal' }
  /** The same person is there from elsewhere. */
  | { type: 'taken_over' };

export interface Media {
  /** Is there from now on: hears and sees others. */
  join(): Promise<void>;
  /** Sends a track, in place of the one before of its kind; null sends nothing of that kind. */
  publish(kind: Kind, track: MediaStreamTrack | null): Promise<void>;
  /** Tells what comes of others and of the connection; gives the end of it. */
  subscribe(listener: (event: MediaEvent) => void): () => void;
  leave(): Promise<void>;
}

/** The listeners of a `Media`, which each hear all that is emitted. */
export function createEmitter() {
  const listeners = new Set<(event: MediaEvent) => void>();
  return {
    emit(event: MediaEvent): void {
      for (const listener of [...listeners]) listener(event);
    },
    subscribe(listener: (event: MediaEvent) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
