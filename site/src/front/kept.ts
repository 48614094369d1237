import { type ServerResponse, validateHeaderValue } from 'node:http';
import { type Encoding, encodingFor } from '../server/encode.ts';
import type { HeaderList, KeptPage } from './messages.ts';

/** What of a request decides how a kept page answers it. */
export interface Asking {
  /** `GET` or `HEAD`. */
  method: string;
  accept_encoding: string | undefined;
  if_none_match: string | undefined;
  response: ServerResponse;
}

export interface Kept {
  keep(page: KeptPage): void;
  drop(url: string): void;
  forget(): void;
  /** Answers with the page kept under exactly this address when it is at hand; otherwise does nothing and says so. */
  answer(url: string, asking: Asking, request_id: string): boolean;
}

interface Answer {
  status: number;
  headers: HeaderList;
  body: Uint8Array | undefined;
}

interface Page {
  etag: string;
  unchanged: Answer;
  answers: Map<Encoding, Answer>;
  young_until: number;
  stale_until: number;
  /** Somebody has been sent on to have it written anew: until then the others are given this one. */
  asked_until: number;
}

/** So many pages of some tens of kilobytes are kept of each kind, here and where they are written. */
export const mostPages = 400;

/** In which a page is written anew; whoever comes after that is sent on as well. */
const writtenWithinMs = 2_000;

/** Pages for nobody in particular as they go out, made ready by the thread that writes them (`server/pages-cache.ts`). */
export function createKept(most: number = mostPages, clock: () => number = () => performance.now()): Kept {
  const pages = new Map<string, Page>();
  return {
    keep({ url, etag, young_ms, stale_ms, headers, answers }) {
      const now = clock();
      pages.delete(url); // so that it goes to the end: the first one is the one written longest ago
      if (!isSendable(headers)) return;
      pages.set(url, {
        etag,
        unchanged: { status: 304, headers: [...headers, ''], body: undefined },
        answers: new Map(
          answers.map(({ encoding, headers: own, body }) => [
            encoding,
            { status: 200, headers: [...own, ''], body },
          ]),
        ),
        young_until: now + young_ms,
        stale_until: now + young_ms + stale_ms,
        asked_until: 0,
      });
      const oldest = pages.keys().next();
      if (pages.size > most && !oldest.done) pages.delete(oldest.value);
    },

    drop: (url) => void pages.delete(url),
    forget: () => pages.clear(),

    answer(url, { method, accept_encoding, if_none_match, response }, request_id) {
      const page = pages.get(url);
      if (!page) return false;
      const now = clock();
      if (now > page.young_until && now > page.asked_until) {
        if (now <= page.stale_until) page.asked_until = now + writtenWithinMs;
        else pages.delete(url);
        return false;
      }
      const answer =
        if_none_match === page.etag ? page.unchanged : page.answers.get(encodingFor(accept_encoding));
      if (!answer) return false;
      // The list is written out before this returns, so that one serves every request.
      answer.headers[answer.headers.length - 1] = request_id;
      response.writeHead(answer.status, answer.headers);
      response.end(method === 'HEAD' ? undefined : answer.body);
      return true;
    },
  };
}

/** What HTTP can't say is left to the long way, where it is refused. */
function isSendable(headers: HeaderList): boolean {
  try {
    for (let at = 0; at + 1 < headers.length; at += 2)
      validateHeaderValue(headers[at] as string, headers[at + 1] as string);
    return true;
  } catch {
    return false;
  }
}
