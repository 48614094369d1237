import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Connection } from '../../src/sockets/connection.ts';
import { type Audience, createAudience, flush, say } from '../../src/sockets/fan-out.ts';

/** A connection whose line takes its time, as the system's does. */
function slow(name: string, log: string[], takes_ms = 0.2): Connection {
  return {
    id: name,
    closed: undefined,
    ws: { readyState: WebSocket.OPEN } as WebSocket,
    socket: {
      writableLength: 0,
      write(frame: Buffer) {
        const until = performance.now() + takes_ms;
        while (performance.now() < until);
        for (const message of JSON.parse(frame.subarray(frame.indexOf('[')).toString()) as string[])
          log.push(`${name} ${message}`);
        return true;
      },
    } as unknown as Socket,
  } as Connection;
}

function room(size: number): { audience: Audience; log: string[]; heard: (name: string) => string[] } {
  const log: string[] = [];
  const audience = createAudience();
  for (let n = 0; n < size; n += 1) audience.members.add(slow(`m${n}`, log));
  return {
    audience,
    log,
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
