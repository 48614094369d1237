import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Connection } from '../../src/sockets/connection.ts';
import { type Audience, createAudience, flush, say } from '../../src/sockets/fan-out.ts';
import { textsIn } from '../support/frames.ts';

/** A connection whose line takes its time, as the system's does. */
function slow(name: string, log: string[], calls: string[] = [], takes_ms = 0.2): Connection {
  return {
    id: name,
    closed: undefined,
    ws: { readyState: WebSocket.OPEN } as WebSocket,
    socket: {
      writableLength: 0,
      write(frame: Buffer) {
        const until = performance.now() + takes_ms;
        while (performance.now() < until);
        for (const message of textsIn(frame).flatMap((text) => JSON.parse(text) as string[]))
          log.push(`${name} ${message}`);
        calls.push(name);
        return true;
      },
    } as unknown as Socket,
  } as Connection;
}

interface Room {
  audience: Audience;
  log: string[];
  /** To whom it was written, a name a time. */
  calls: string[];
  heard: (name: string) => string[];
}

function room(size: number, takes_ms?: number): Room {
  const log: string[] = [];
  const calls: string[] = [];
  const audience = createAudience();
  for (let n = 0; n < size; n += 1) audience.members.add(slow(`m${n}`, log, calls, takes_ms));
  return {
    audience,
    log,
    calls,
    heard: (name) =>
      log.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(' ')[1] ?? ''),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function written(audience: Audience): Promise<void> {
  while (audience.writing || audience.waiting.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}
const text = (message: string) => JSON.stringify(message);

describe('SOC-9: a large room, a slice at a time', () => {
  test('what is urgent in another room goes out before the large one is done', async () => {
    const { audience, log } = room(200);
    const other = createAudience();
    other.members.add(slow('x', log));
    say(audience, text('large'), true);
    expect(log.length).toBeLessThan(200);
    await turn();
    say(other, text('money'), true);
    expect(log.at(-1)).toBe('x money');
    expect(log.length).toBeLessThan(200);
    await written(audience);
    expect(log).toHaveLength(201);
  });

  test('what is urgent in it goes along with what is being written, and takes one round at most', async () => {
    const { audience, calls, heard } = room(200);
    say(audience, text('large'), true);
    const before = calls.length;
    expect(before).toBeLessThan(200);
    say(audience, text('gift'), true);
    await written(audience);
    // Each that hadn't the first has both at once; each that had it is written once more.
    expect(calls.length).toBe(before + 200);
    expect(calls.filter((name) => name === 'm0')).toHaveLength(2);
    expect(calls.filter((name) => name === 'm199')).toHaveLength(1);
    for (const { id } of audience.members) expect(heard(id)).toEqual(['large', 'gift']);
  });

  test('what is urgent has longer turns, also when it comes in the middle of what is not', async () => {
    const [first, second] = [room(200, 0), room(200, 0)];
    // By this clock each takes 0.2 ms: 2 ms are over at 16, 10 ms at 64.
    vi.spyOn(performance, 'now').mockImplementation(() => (first.calls.length + second.calls.length) / 5);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      say(first.audience, text('gift'), true);
      expect(first.calls).toHaveLength(64);
      flush(first.audience);
      say(second.audience, text('chat'), false);
      vi.advanceTimersByTime(56);
      expect(second.calls).toHaveLength(16);
      say(second.audience, text('gift'), true);
      await turn();
      expect(second.calls).toHaveLength(16 + 64);
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });

  test('with one gift after another each still gets a turn in every round', async () => {
    const { audience, calls, heard } = room(200);
    const said: string[] = [];
    for (let n = 0; n < 100; n += 1) {
      said.push(`g${n}`);
      say(audience, text(`g${n}`), true);
      await turn();
    }
    const last = calls.filter((name) => name === 'm199').length;
    expect(last).toBeGreaterThan(3);
    expect(calls.filter((name) => name === 'm0').length - last).toBeLessThanOrEqual(1);
    await written(audience);
    for (const { id } of audience.members) expect(heard(id)).toEqual(said);
  });

  test('everybody has everything once and in order, whatever is said meanwhile', async () => {
    const { audience, heard } = room(120);
    const said: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      said.push(`n${n}`);
      say(audience, text(`n${n}`), n % 7 === 0);
      if (n % 3 === 0) await turn();
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 45));
    }
    await written(audience);
    for (const { id } of audience.members) expect(heard(id)).toEqual(said);
  });

  test('who leaves or comes in the middle has what was said while they were there, and no more', async () => {
    const { audience, log, heard } = room(120);
    say(audience, text('a'), true);
    say(audience, text('b'), true);
    expect(audience.writing).toBeDefined();
    // As the hub does before anybody comes or goes.
    flush(audience);
    expect(audience.writing).toBeUndefined();
    const last = [...audience.members].at(-1) as Connection;
    audience.members.delete(last);
    audience.members.add(slow('new', log));
    say(audience, text('c'), true);
    await written(audience);
    expect(heard(last.id)).toEqual(['a', 'b']);
    expect(heard('m0')).toEqual(['a', 'b', 'c']);
    expect(heard('new')).toEqual(['c']);
  });
});

describe('SOC-9: what is not urgent waits for what comes with it', () => {
  test.each([
    [2, 4],
    [40, 20],
    [500, 56],
  ])('in a room of %i for %i ms', (size, ms) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { audience, heard, calls } = room(size, 0);
      say(audience, text('one'), false);
      vi.advanceTimersByTime(ms - 1);
      say(audience, text('two'), false);
      expect(calls).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(heard('m0')).toEqual(['one', 'two']);
      // Each in one frame.
      flush(audience);
      expect(calls).toHaveLength(size);
    } finally {
      vi.useRealTimers();
    }
  });
});
