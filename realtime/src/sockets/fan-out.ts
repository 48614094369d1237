/**
 * Many messages of a room in one frame, made once for all its sockets. A system call a socket is what fan-out costs, so
 * what a room says within a window goes together; gifts, money and signalling go at once, after what waits. A large room is
 * written a slice at a time, so that what is urgent elsewhere waits for a slice and not for the room.
 */

import { type Connection, write } from './connection.ts';
import { textFrame } from './frame.ts';

const WINDOW_MS = 42;
/** Where writing takes long, the window grows with it, so that one large room leaves two thirds of the time to all others. */
const LONGEST_WINDOW_MS = 250;
const MOST_CHARACTERS = 64 * 1024;
/** What a room may take before others have their turn. */
const SLICE_MS = 2;
/** Sockets that are written before the time is looked at. */
const BETWEEN_LOOKS = 16;

export interface Audience {
  readonly members: Set<Connection>;
  /** Server messages as JSON, in order. */
  waiting: string[];
  characters: number;
  timer: NodeJS.Timeout | undefined;
  window_ms: number;
  /** The frame that is being written. */
  writing: Writing | undefined;
  /** What waits goes as soon as that is written. */
  hurry: boolean;
}

interface Writing {
  readonly frame: Buffer;
  /** Whoever was there when it was said. */
  readonly to: Connection[];
  next: number;
  took_ms: number;
  rest: NodeJS.Immediate | undefined;
}

export function createAudience(): Audience {
  return {
    members: new Set(),
    waiting: [],
    characters: 0,
    timer: undefined,
    window_ms: WINDOW_MS,
    writing: undefined,
    hurry: false,
  };
}

export function say(audience: Audience, text: string, urgent: boolean): void {
  if (audience.members.size === 0) return;
  audience.waiting.push(text);
  audience.characters += text.length;
  if (urgent || audience.characters >= MOST_CHARACTERS) begin(audience);
  else audience.timer ??= setTimeout(begin, audience.window_ms, audience);
}

/**
 * Writes out all that waits before it returns: whatever is written to a member next comes after it, and whoever comes in
 * gets nothing of it.
 */
export function flush(audience: Audience): void {
  audience.hurry = false;
  if (audience.writing) resume(audience, audience.writing, Number.POSITIVE_INFINITY);
  const writing = frameOf(audience);
  if (writing) resume(audience, writing, Number.POSITIVE_INFINITY);
}

/** Writes a first slice of what waits; the rest follows by itself. */
function begin(audience: Audience): void {
  if (audience.writing) {
    clearTimeout(audience.timer);
    audience.timer = undefined;
    audience.hurry = true;
    return;
  }
  const writing = frameOf(audience);
  if (writing) resume(audience, writing, SLICE_MS);
}

function frameOf(audience: Audience): Writing | undefined {
  clearTimeout(audience.timer);
  audience.timer = undefined;
  if (audience.waiting.length === 0) return undefined;
  const frame = textFrame(`[${audience.waiting.join(',')}]`);
  audience.waiting = [];
  audience.characters = 0;
  return { frame, to: [...audience.members], next: 0, took_ms: 0, rest: undefined };
}

function resume(audience: Audience, writing: Writing, most_ms: number): void {
  clearImmediate(writing.rest);
  audience.writing = writing;
  const began = performance.now();
  const { frame, to } = writing;
  while (writing.next < to.length) {
    const member = to[writing.next++];
    if (member) write(member, frame);
    if (writing.next % BETWEEN_LOOKS === 0 && performance.now() - began > most_ms) {
      writing.took_ms += performance.now() - began;
      writing.rest = setImmediate(resume, audience, writing, SLICE_MS);
      return;
    }
  }
  audience.writing = undefined;
  const took_ms = writing.took_ms + performance.now() - began;
  audience.window_ms = Math.min(LONGEST_WINDOW_MS, Math.max(WINDOW_MS, Math.round(2 * took_ms)));
  if (!audience.hurry) return;
  audience.hurry = false;
  begin(audience);
}
