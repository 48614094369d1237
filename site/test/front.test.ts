import { createServer, get, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createKept } from '../src/front/kept.ts';
import type { KeptPage } from '../src/front/messages.ts';
import type { Answer, Asked } from '../src/server/answer.ts';
import type { Front } from '../src/server/front.ts';
import { createTurns } from '../src/server/logger.ts';

// As it is built: the thread is a program of its own.
const { createFront } = (await import(
  new URL('../dist/server/front.js', import.meta.url).href
)) as typeof import('../src/server/front.ts');

const page: KeptPage = {
  adult: false,
  url: '/x',
  etag: 'W/"one"',
  young_ms: 10_000,
  stale_ms: 60_000,
  headers: ['etag', 'W/"one"', 'x-request-id'],
  answers: [
    { encoding: 'br', headers: ['content-encoding', 'br', 'x-request-id'], body: Buffer.from('packed') },
    { encoding: 'identity', headers: ['x-of', 'x', 'x-request-id'], body: Buffer.from('plain') },
  ],
};

describe('pages kept at the front', () => {
  async function setUp(most = 10) {
    const state = { now: 0 };
    const kept = createKept(most, () => state.now);
    const server = createServer((asked, response) => {
      const { 'accept-encoding': accept_encoding, 'if-none-match': if_none_match } = asked.headers;
      const asking = {
        method: asked.method ?? '',
        accept_encoding: accept_encoding as string,
        if_none_match,
        response,
      };
      if (!kept.answer(asked.url ?? '', asking, 'an-id')) response.writeHead(404).end('passed on');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = async (headers: Record<string, string> = {}, method = 'GET', url = '/x') => {
      const response = await fetch(`http://127.0.0.1:${port}${url}`, {
        method,
        headers: { 'accept-encoding': 'identity', ...headers },
      });
      return [response.status, await response.text(), response.headers.get('x-request-id')];
    };
    return {
      state,
      kept,
      ask,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }
  const passedOn = [404, 'passed on', null];
  const plain = [200, 'plain', 'an-id'];

  it('are given in the form that is wanted, by tag, and as a head; in no other form', async () => {
    await using front = await setUp();
    expect(await front.ask()).toEqual(passedOn);
    front.kept.keep(page);
    expect(await front.ask()).toEqual(plain);
    expect(await front.ask({}, 'HEAD')).toEqual([200, '', 'an-id']);
    expect(await front.ask({ 'if-none-match': 'W/"one"' })).toEqual([304, '', 'an-id']);
    expect(await front.ask({ 'if-none-match': 'W/"two"' })).toEqual(plain);
    expect(await front.ask({ 'accept-encoding': 'gzip' })).toEqual(passedOn);
    expect(await front.ask({}, 'GET', '/x?y')).toEqual(passedOn);
  });

  it('go on to be given while one of those who ask has them written anew, and no longer than they may', async () => {
    await using front = await setUp();
    front.kept.keep(page);
    front.state.now = 10_000;
    expect(await front.ask()).toEqual(plain);
    front.state.now = 10_001;
    expect(await front.ask()).toEqual(passedOn);
    expect(await front.ask()).toEqual(plain);
    // Nothing new has come of it: the next one is sent on as well.
    front.state.now = 12_002;
    expect([await front.ask(), await front.ask()]).toEqual([passedOn, plain]);
    front.state.now = 70_001;
    expect([await front.ask(), await front.ask()]).toEqual([passedOn, passedOn]);
    front.kept.keep(page);
    expect(await front.ask()).toEqual(plain);
  });

  it('are forgotten one by one, all together, and from the oldest when there are too many', async () => {
    await using front = await setUp(2);
    const all = ['/x', '/y', '/z'];
    const given = async () => {
      const found = [];
      for (const url of all) if ((await front.ask({}, 'GET', url))[0] === 200) found.push(url);
      return found;
    };
    for (const url of all) front.kept.keep({ ...page, url });
    expect(await given()).toEqual(['/y', '/z']);
    front.kept.keep({ ...page, url: '/y' });
    front.kept.keep({ ...page, url: '/x' });
    expect(await given()).toEqual(['/x', '/y']);
    front.kept.drop('/y');
    expect(await given()).toEqual(['/x']);
    front.kept.keep({ ...page, url: '/x', headers: ['link', 'a\u007fb', ...page.headers] });
    expect(await given()).toEqual([]);
    front.kept.keep({ ...page, url: '/x' });
    front.kept.forget();
    expect(await given()).toEqual([]);
  });
});

describe('what the front passes on', () => {
  const fronts: Front[] = [];
  afterEach(async () => {
    for (const front of fronts.splice(0)) await front.stop(100);
  });

  async function start(answer: (asked: Asked) => Promise<Answer>, PORT = 0) {
    const front = createFront();
    fronts.push(front);
    const failures: string[][] = [];
    const fails = Promise.withResolvers<undefined>();
    const environment = {
      HOST: '127.0.0.1',
      PORT,
      LOG_LEVEL: 'silent',
      SITE_URL: 'http://localhost:1',
      SOULSEER_ENV: 'development',
    } as const;
    const listens = await Promise.race([
      front.start({
        environment,
        files: fileURLToPath(new URL('../dist/client', import.meta.url)),
        turns: createTurns(),
        log: pino({ level: 'silent' }),
        answer,
        failed(...failure) {
          failures.push(failure);
          fails.resolve(undefined);
        },
      }),
      fails.promise,
    ]);
    return { front, failures, port: listens?.port ?? 0 };
  }
  const text = (said: string, status = 200): Answer => ({ status, headers: [], body: Buffer.from(said) });

  it('comes as it was sent, and its answer as it was given', async () => {
    const seen: Asked[] = [];
    const { port } = await start(async (asked) => {
      seen.push(asked);
      const headers = ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-frame-options', 'SAMEORIGIN'];
      return { status: 418, headers, body: Buffer.from(' ') };
    });
    const response = await fetch(`http://127.0.0.1:${port}/a/b?c=%20d`, {
      method: 'PATCH',
      headers: { 'x-request-id': 'request-0001', 'x-umlaut': '\u00e4', cookie: 'c=1; d=2' },
    });
    expect(response.status).toBe(418);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': 'request-0001',
      // What every answer says, but where this one says otherwise.
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'content-length': '1',
    });
    expect(seen[0]).toMatchObject({
      id: 'request-0001',
      method: 'PATCH',
      target: '/a/b?c=%20d',
      peer: '127.0.0.1',
    });
    expect(seen[0]?.headers.get('cookie')).toBe('c=1; d=2');
    expect(seen[0]?.headers.get('x-umlaut')).toBe('\u00e4');
  });

  it('brings as much as is wanted of it, and is answered when nothing is', async () => {
    const { port } = await start(async ({ target, body }) => {
      let bytes = 0;
      if (target !== '/none')
        for await (const chunk of body) {
          bytes += chunk.byteLength;
          if (target === '/some' && bytes > 100_000) break;
        }
      return text(String(bytes));
    });
    const send = async (path: string) =>
      Number(
        await (
          await fetch(`http://127.0.0.1:${port}${path}`, {
            method: 'POST',
            body: Buffer.alloc(5_000_000, 'x'),
          })
        ).text(),
      );
    expect(await send('/all')).toBe(5_000_000);
    const some = await send('/some');
    expect(some).toBeGreaterThan(100_000);
    expect(some).toBeLessThan(1_000_000);
    expect(await send('/none')).toBe(0);
  });

  it('is answered in parts no faster than they are read, and let go of when whoever asked has gone', async () => {
    let pulled = 0;
    let cancelled = false;
    let aborted = false;
    const { port } = await start(async ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled += 1;
            controller.enqueue(Buffer.alloc(65_536, 'x'));
          },
          cancel() {
            cancelled = true;
          },
        },
        { highWaterMark: 0 },
      );
      return { status: 200, headers: [], body };
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    // Nobody reads on: what lies between is full at some point.
    let before = -1;
    await expect
      .poll(
        () => {
          const still = pulled === before;
          before = pulled;
          return still;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true);
    expect(pulled).toBeLessThan(400);
    socket.destroy();
    await expect.poll(() => [cancelled, aborted]).toEqual([true, true]);
  });

  it('ends as it came when an answer breaks off, and when none can be given', async () => {
    const { port } = await start(async ({ target }) => {
      if (target === '/none') throw new Error('nothing to say');
      let parts = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          parts += 1;
          if (parts > 3) controller.error(new Error('broken'));
          else controller.enqueue(Buffer.from('part '));
        },
      });
      return { status: 200, headers: [], body };
    });
    const broken = await fetch(`http://127.0.0.1:${port}/`);
    await expect(broken.text()).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/none`)).rejects.toThrow();
  });

  it('is refused as our own fault when its answer can’t be sent, and nothing else is disturbed', async () => {
    const { failures, port } = await start(async ({ target }) => ({
      status: 200,
      headers: target === '/odd' ? ['location', 'a\u007fb'] : [],
      body: Buffer.from('fine'),
    }));
    const odd = await fetch(`http://127.0.0.1:${port}/odd`, { headers: { 'x-request-id': 'request-0002' } });
    expect([odd.status, await odd.json()]).toEqual([
      500,
      expect.objectContaining({ code: 'internal', instance: 'urn:request:request-0002' }),
    ]);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('fine');
    expect(failures).toEqual([]);
  });

  it('gives up what it brings when whoever asked goes in the midst of it', async () => {
    const ended = Promise.withResolvers<string>();
    const { port } = await start(async ({ body }) => {
      try {
        for await (const _ of body);
        ended.resolve('whole');
      } catch {
        ended.resolve('gone');
      }
      return text('');
    });
    const asking = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'content-length': '1000' },
    });
    asking.on('error', () => {});
    asking.write('half');
    await pause(200);
    asking.destroy();
    expect(await ended.promise).toBe('gone');
  });

  it('doesn’t hold up what the front gives by itself', async () => {
    let asked = 0;
    const { front, port } = await start(async () => {
      asked += 1;
      return text('written');
    });
    front.tell({ say: 'keep', page });
    // A client of its own thread, since this one is about to be busy.
    const client = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       (async () => {
         const bodies = [];
         for (let n = 0; n < 20; n += 1)
           bodies.push(await (await fetch(workerData, { headers: { 'accept-encoding': 'identity' } })).text());
         parentPort.postMessage({ bodies, at: Date.now() });
       })();`,
      { eval: true, workerData: `http://127.0.0.1:${port}/x` },
    );
    const answered = new Promise<{ bodies: string[]; at: number }>((resolve) =>
      client.once('message', resolve),
    );
    // As when a page takes long to write.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
    const free = Date.now();
    const { bodies, at } = await answered;
    expect(bodies).toEqual(Array(20).fill('plain'));
    expect(at).toBeLessThan(free);
    expect(asked).toBe(0);
    front.tell({ say: 'forget' });
    expect(await (await fetch(`http://127.0.0.1:${port}/x`)).text()).toBe('written');
    await client.terminate();
  });

  it('is finished before the front stops, and cut off when that takes too long', async () => {
    const gate = Promise.withResolvers<void>();
    const { front, port } = await start(async ({ target }) => {
      await (target === '/never' ? new Promise(() => {}) : gate.promise);
      return text('finished');
    });
    const last = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    const never = fetch(`http://127.0.0.1:${port}/never`);
    never.catch(() => {});
    await pause(200);
    const stopped = front.stop(600);
    gate.resolve();
    expect(await last).toBe('finished');
    await stopped;
    await expect(never).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('never comes when the port is taken, which is said', async () => {
    const other = createTcp();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { failures } = await start(async () => text(''), port);
    expect(failures).toEqual([
      [`site can't listen on 127.0.0.1:${port}`, expect.stringContaining('EADDRINUSE')],
    ]);
    other.close();
    fronts.pop();
  });

  it('is not what a file is asked for, however its address is written', async () => {
    const { port } = await start(async ({ target }) => text(target, 404));
    const status = (path: string) =>
      new Promise<number | undefined>((resolve, reject) =>
        get({ port, host: '127.0.0.1', path }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject),
      );
    expect(await status('/favicon.svg')).toBe(200);
    for (const path of ['/%', '/../package.json', '/..%2fpackage.json', '//favicon.svg/..', '/nothing'])
      expect([path, await status(path)]).toEqual([path, 404]);
  });
});
