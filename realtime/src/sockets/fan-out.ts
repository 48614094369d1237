/**
 * Many messages of a room in one frame, made once for all its sockets. A system call a socket is what fan-out costs, so
 * what a room says within a window goes together; gifts, money and signalling go at once, after what waits. A large room is
 * written a slice at a time, so that what is urgent elsewhere waits for a slice and not for the room. What becomes due
 * while a frame is being written goes along with it to those who have yet to get it, and by itself to those who have it:
 * nobody waits for more than one round of the room.
 */

import { type Connection, write } from './connection.ts';
import { textFrame } from './frame.ts';

/** By the number of members. */
const LEAST_WINDOW_MS = 4;
const MOST_WINDOW_MS = 56;
/** Where writing takes long. */
const LONGEST_WINDOW_MS = 250;
const MOST_CHARACTERS = 64 * 1024;
/** What a room may take before others have their turn; longer for what is urgent, which what they do meanwhile keeps waiting. */
const SLICE_MS = 2;
const URGENT_SLICE_MS = 10;
/** Sockets that are written before the time is looked at. */
const BETWEEN_LOOKS = 16;

export interface Audience {
  readonly members: Set<Connection>;
  /** Server messages as JSON, in order. */
  waiting: string[];
  characters: number;
  timer: NodeJS.Timeout | undefined;
  /** The last round of all members took so long. */
  round_ms: number;
  /** What is being written. */
  writing: Writing | undefined;
}

interface Writing {
  /** Each member is in one of them. */
  parts: Part[];
  slice_ms: number;
  took_ms: number;
  written: number;
  rest: NodeJS.Immediate | undefined;
}

interface Part {
  readonly frames: Buffer;
  readonly to: Connection[];
  next: number;
}

export function createAudience(): Audience {
  return {
    members: new Set(),
    waiting: [],
    characters: 0,
    timer: undefined,
    round_ms: 0,
    writing: undefined,
  };
}

export function say(audience: Audience, text: string, urgent: boolean): void {
  if (audience.members.size === 0) return;
  audience.waiting.push(text);
  audience.characters += text.length;
  if (urgent) begin(audience, URGENT_SLICE_MS);
  else if (audience.characters >= MOST_CHARACTERS) begin(audience, SLICE_MS);
  else audience.timer ??= setTimeout(begin, windowOf(audience), audience, SLICE_MS);
}

/**
 * How long what is said may wait, in milliseconds. Two hear each other nearly at once; the more there are, the more a frame for
 * each word would cost. Where writing takes long, the window grows with it, so that one large room leaves two thirds of the time
 * to all others.
 */
function windowOf({ members, round_ms }: Audience): number {
  const bySize = Math.min(MOST_WINDOW_MS, Math.max(LEAST_WINDOW_MS, members.size / 2));
  return Math.min(LONGEST_WINDOW_MS, Math.max(bySize, 2 * round_ms));
}

/**
 * Writes out all that waits before it returns: whatever is written to a member next comes after it, and whoever comes in
 * gets nothing of it.
 */
export function flush(audience: Audience): void {
  takeUp(audience);
  if (audience.writing) resume(audience, audience.writing, Number.POSITIVE_INFINITY);
}

/** Writes a first slice of what waits; the rest follows by itself. */
function begin(audience: Audience, slice_ms: number): void {
  const underWay = audience.writing !== undefined;
  takeUp(audience);
  if (!audience.writing) return;
  audience.writing.slice_ms = Math.max(audience.writing.slice_ms, slice_ms);
  if (!underWay) resume(audience, audience.writing);
}

/** What waits becomes what is being written. */
function takeUp(audience: Audience): void {
  clearTimeout(audience.timer);
  audience.timer = undefined;
  if (audience.waiting.length === 0) return;
  const frame = textFrame(`[${audience.waiting.join(',')}]`);
  audience.waiting = [];
  audience.characters = 0;
  const { writing } = audience;
  if (!writing) {
    const part = { frames: frame, to: [...audience.members], next: 0 };
    audience.writing = { parts: [part], slice_ms: SLICE_MS, took_ms: 0, written: 0, rest: undefined };
    return;
  }
  // Nobody has come or gone since it began: that flushes.
  const parts = writing.parts
    .filter(({ to, next }) => next < to.length)
    .map(({ frames, to, next }) => ({ frames: Buffer.concat([frames, frame]), to: to.slice(next), next: 0 }));
  const upToDate = writing.parts.flatMap(({ to, next }) => to.slice(0, next));
  writing.parts = [...parts, { frames: frame, to: upToDate, next: 0 }];
}

function resume(audience: Audience, writing: Writing, most_ms = writing.slice_ms): void {
  clearImmediate(writing.rest);
  const began = performance.now();
  for (const part of writing.parts) {
    while (part.next < part.to.length) {
      const member = part.to[part.next++];
      if (member) write(member, part.frames);
      writing.written += 1;
      if (writing.written % BETWEEN_LOOKS === 0 && performance.now() - began > most_ms) {
        writing.took_ms += performance.now() - began;
        writing.rest = setImmediate(resume, audience, writing);
        return;
      }
    }
  }
  audience.writing = undefined;
  const took_ms = writing.took_ms + performance.now() - began;
  audience.round_ms = (took_ms / Math.max(1, writing.written)) * audience.members.size;
}
