/**
 * Many messages of a room in one frame, made once for all its sockets. A system call a socket is what fan-out costs, so
 * what a room says within a window goes together; gifts, money and signalling go at once, after what waits.
 */

import { type Connection, write } from './connection.ts';
import { textFrame } from './frame.ts';

const WINDOW_MS = 50;
/** Where writing takes long, the window grows with it, so that one large room leaves two thirds of the time to all others. */
const LONGEST_WINDOW_MS = 250;
const MOST_CHARACTERS = 64 * 1024;

export interface Audience {
  readonly members: Set<Connection>;
  /** Server messages as JSON, in order. */
  waiting: string[];
  characters: number;
  timer: NodeJS.Timeout | undefined;
  window_ms: number;
}

export function createAudience(): Audience {
  return { members: new Set(), waiting: [], characters: 0, timer: undefined, window_ms: WINDOW_MS };
}

export function say(audience: Audience, text: string, urgent: boolean): void {
  if (audience.members.size === 0) return;
  audience.waiting.push(text);
  audience.characters += text.length;
  if (urgent || audience.characters >= MOST_CHARACTERS) flush(audience);
  else audience.timer ??= setTimeout(flush, audience.window_ms, audience);
}

/** Writes out what waits. Whoever comes in after this gets nothing of it. */
export function flush(audience: Audience): void {
  clearTimeout(audience.timer);
  audience.timer = undefined;
  if (audience.waiting.length === 0) return;
  const began = performance.now();
  const frame = textFrame(`[${audience.waiting.join(',')}]`);
  audience.waiting = [];
  audience.characters = 0;
  for (const member of audience.members) write(member, frame);
  audience.window_ms = Math.min(
    LONGEST_WINDOW_MS,
    Math.max(WINDOW_MS, Math.round(2 * (performance.now() - began))),
  );
}
