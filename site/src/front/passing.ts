import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../server/logger.ts';
import { problemBody, problems, problemType } from '../server/problem.ts';
import { ownBytes, type ToFront, type ToPages } from './messages.ts';

export type Post = (message: ToPages, moved?: ArrayBuffer[]) => void;

interface UnderWay {
  id: string;
  request: IncomingMessage;
  response: ServerResponse;
  brought?: AsyncIterator<Uint8Array>;
}

export interface Passing {
  /** Has a request answered by the pages' thread. What `response` says already stays, where the answer doesn't say it. */
  pass(id: string, request: IncomingMessage, response: ServerResponse): void;
  /** What that thread says of a request. */
  hear(message: Extract<ToFront, { n: number }>): void;
}

/** Passes requests on, and their answers back: bodies in both directions as they are wanted, a part at a time. */
export function createPassing(post: Post, log: Logger): Passing {
  const underWay = new Map<number, UnderWay>();
  let count = 0;

  /** The connection stays when no more is wanted, so that an answer can still be given. */
  const bringing = (request: IncomingMessage) =>
    request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;

  function bring(n: number, one: UnderWay): void {
    one.brought ??= bringing(one.request);
    one.brought.next().then(
      ({ done, value }) => {
        const bytes = done ? null : ownBytes(value);
        post({ say: 'brought', n, bytes }, bytes ? [bytes.buffer] : []);
      },
      () => post({ say: 'gone', n }),
    );
  }

  function fail({ id, response }: UnderWay, error: unknown): void {
    log.error({ err: error, request_id: id }, 'answer can’t be sent');
    response.writeHead(500, { 'content-type': problemType, 'cache-control': 'no-store' });
    response.end(problemBody(problems.internal, id));
  }

  return {
    pass(id, request, response) {
      count += 1;
      const n = count;
      underWay.set(n, { id, request, response });
      response.once('close', () => {
        underWay.delete(n);
        if (!response.writableFinished) post({ say: 'gone', n });
      });
      const headers: [string, string][] = [];
      for (const [name, value = []] of Object.entries(request.headers))
        for (const one of [value].flat()) headers.push([name, one]);
      const { method = 'GET', url: target = '/' } = request;
      post({ say: 'pass', n, id, method, target, headers, peer: request.socket.remoteAddress });
    },

    hear(message) {
      const { n } = message;
      const one = underWay.get(n);
      // Whoever asked has gone.
      if (!one) return;
      const { response } = one;
      switch (message.say) {
        case 'more':
          return bring(n, one);
        case 'answer':
          try {
            response.statusCode = message.status;
            for (const [name, values] of grouped(message.headers)) response.setHeader(name, values);
          } catch (error) {
            // A page may say what HTTP can't.
            return fail(one, error);
          }
          if (message.whole) response.end(message.body ?? undefined);
          else post({ say: 'more', n });
          return;
        case 'part':
          if (message.bytes === null) response.end();
          else if (response.write(message.bytes)) post({ say: 'more', n });
          else response.once('drain', () => post({ say: 'more', n }));
          return;
        case 'broken':
          response.destroy();
      }
    },
  };
}

/** The values of each name, in the order in which they came. */
function grouped(headers: readonly string[]): Map<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    const before = found.get(name);
    found.set(name, before === undefined ? value : [before, value].flat());
  }
  return found;
}
