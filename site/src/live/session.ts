import type { SessionView } from 'realtime/contract';
import type { Kind } from './media/media.ts';

/** One of the two in a session. */
export type Side = 'client' | 'reader';

export const otherSide = (side: Side): Side => (side === 'client' ? 'reader' : 'client');

export const isOver = ({ state }: Pick<SessionView, 'state'>): boolean =>
  state === 'ended' || state === 'finalized';

/** What a session of this kind carries. */
export function carriedIn({ modality }: Pick<SessionView, 'modality'>): readonly Kind[] {
  return modality === 'video' ? ['audio', 'video'] : modality === 'voice' ? ['audio'] : [];
}
