import { Worker } from 'node:worker_threads';
import { type FrontOptions, ownBytes, type Passed, type ToFront, type ToPages } from '../front/messages.ts';
import type { Answer, Asked } from './answer.ts';
import type { Logger } from './logger.ts';

interface Options extends FrontOptions {
  log: Logger;
  answer: (asked: Asked) => Promise<Answer>;
  /** It can't listen, or has failed: nothing is served any more. */
  failed: (what: string, error: string) => void;
}

/** The thread that listens, seen from the one that writes pages. */
export interface Front {
  /** From now on requests come. */
  start(options: Options): Promise<{ address: string; port: number }>;
  tell(message: Extract<ToFront, { say: 'keep' | 'drop' | 'forget' }>): void;
  /** Takes no more requests, and waits for those in flight; connections still open after so long are cut. */
  stop(patienceMs: number): Promise<void>;
}

interface UnderWay {
  gone: AbortController;
  /** Waits for the next bytes that the request brings. */
  wants?: PromiseWithResolvers<Uint8Array | null>;
  /** What of the answer is still to go out. */
  rest?: ReadableStreamDefaultReader<Uint8Array>;
}

/** Answers what the front passes on: bodies in both directions as they are wanted, a part at a time. */
export function createFront(): Front {
  const underWay = new Map<number, UnderWay>();
  let worker: Worker | undefined;
  const stopped = Promise.withResolvers<void>();
  const post = (message: ToFront, moved: ArrayBuffer[] = []) => worker?.postMessage(message, moved);

  async function* bringing(n: number, one: UnderWay): AsyncGenerator<Uint8Array> {
    while (!one.gone.signal.aborted) {
      one.wants = Promise.withResolvers();
      post({ say: 'more', n });
      const bytes = await one.wants.promise;
      if (bytes === null) return;
      yield bytes;
    }
  }

  async function pass({ n, id, method, target, headers, peer }: Passed, { answer, log }: Options) {
    const one: UnderWay = { gone: new AbortController() };
    underWay.set(n, one);
    const said = new Headers();
    for (const [name, value] of headers) said.append(name, value);
    const answered = await answer({
      id,
      method,
      target,
      headers: said,
      peer,
      body: bringing(n, one),
      signal: one.gone.signal,
    });
    const { status, headers: own, body } = answered;
    if (body instanceof ReadableStream && method !== 'HEAD' && !one.gone.signal.aborted) {
      one.rest = body.getReader();
      return post({ say: 'answer', n, status, headers: own, body: null, whole: false });
    }
    underWay.delete(n);
    if (body instanceof ReadableStream) {
      await body
        .cancel()
        .catch((error: unknown) => log.warn({ err: error, request_id: id }, 'not cancelled'));
      return post({ say: 'answer', n, status, headers: own, body: null, whole: true });
    }
    const bytes = body && ownBytes(body);
    post({ say: 'answer', n, status, headers: own, body: bytes, whole: true }, bytes ? [bytes.buffer] : []);
  }

  /** The next part of an answer that goes out as it comes. */
  async function more(n: number): Promise<void> {
    const one = underWay.get(n);
    if (!one?.rest) return;
    try {
      const { done, value } = await one.rest.read();
      const bytes = done ? null : ownBytes(value);
      if (done) underWay.delete(n);
      post({ say: 'part', n, bytes }, bytes ? [bytes.buffer] : []);
    } catch {
      underWay.delete(n);
      post({ say: 'broken', n });
    }
  }

  function gone(n: number): void {
    const one = underWay.get(n);
    underWay.delete(n);
    one?.gone.abort();
    one?.wants?.reject(new Error('whoever asked has gone'));
    one?.rest?.cancel().catch(() => {}); // nobody is left to be told
  }

  return {
    start(options) {
      const { environment, files, turns, log, failed } = options;
      const listens = Promise.withResolvers<{ address: string; port: number }>();
      // What the process was started with beside the program is for the process.
      worker = new Worker(new URL('../front/main.js', import.meta.url), {
        workerData: { environment, files, turns } satisfies FrontOptions,
        execArgv: [],
      });
      worker.on('error', (error) => failed('the front has failed', error.message));
      worker.on('message', (message: ToPages) => {
        switch (message.say) {
          case 'pass':
            pass(message, options).catch((error: unknown) => {
              log.error({ err: error, request_id: message.id }, 'request could not be answered');
              gone(message.n);
              post({ say: 'broken', n: message.n });
            });
            return;
          case 'brought':
            return underWay.get(message.n)?.wants?.resolve(message.bytes);
          case 'more':
            return void more(message.n);
          case 'gone':
            return gone(message.n);
          case 'listens':
            return listens.resolve({ address: message.address, port: message.port });
          case 'refused':
            return failed(`site can't listen on ${environment.HOST}:${environment.PORT}`, message.error);
          case 'stopped':
            return stopped.resolve();
        }
      });
      return listens.promise;
    },

    tell: (message) => post(message),

    stop(patienceMs) {
      post({ say: 'stop', patience_ms: patienceMs });
      return stopped.promise;
    },
  };
}
