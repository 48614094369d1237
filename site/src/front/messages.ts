/**
 * What the two threads of the site say to each other. The front is the one that listens, gives kept pages and files, and
 * passes everything else on; the pages' thread answers that. Requests are told apart by `n`.
 */
import type { Encoding } from '../server/encode.ts';

/** Names and values in turn. */
export type HeaderList = string[];

/** A page for nobody in particular, in every form in which pages are wanted. */
export interface KeptPage {
  /** For those who have said that they are of age, or for the others. */
  adult: boolean;
  url: string;
  etag: string;
  /** For so long it is given as it is; for so long after, while it is written anew. */
  young_ms: number;
  stale_ms: number;
  /** Of the answer to whoever has it already. */
  headers: HeaderList;
  /** Each ends with the name of the request's id, whose value is to follow. */
  answers: { encoding: Encoding; headers: HeaderList; body: Uint8Array }[];
}

export interface Passed {
  n: number;
  id: string;
  method: string;
  /** Path and query as they were sent. */
  target: string;
  headers: [name: string, value: string][];
  /** The other end of the connection. */
  peer: string | undefined;
}

export type ToPages =
  | ({ say: 'pass' } & Passed)
  /** The next bytes that a request brings; null is the end. */
  | { say: 'brought'; n: number; bytes: Uint8Array | null }
  /** The next bytes of an answer are wanted. */
  | { say: 'more'; n: number }
  /** Whoever asked has gone. */
  | { say: 'gone'; n: number }
  | { say: 'listens'; address: string; port: number }
  | { say: 'refused'; error: string }
  | { say: 'stopped' };

export type ToFront =
  /** The next bytes that the request brings are wanted. */
  | { say: 'more'; n: number }
  /** `whole` when `body` is all of it; otherwise it follows. */
  | { say: 'answer'; n: number; status: number; headers: HeaderList; body: Uint8Array | null; whole: boolean }
  | { say: 'part'; n: number; bytes: Uint8Array | null }
  /** What has begun can't be finished. */
  | { say: 'broken'; n: number }
  | { say: 'keep'; page: KeptPage }
  | { say: 'drop'; adult: boolean; url: string }
  | { say: 'forget' }
  /** Takes no more requests; connections still open after so long are cut. */
  | { say: 'stop'; patience_ms: number };

/** What the front is started with. */
export interface FrontOptions {
  environment: Pick<
    import('../server/environment.ts').Environment,
    'HOST' | 'PORT' | 'LOG_LEVEL' | 'SITE_URL' | 'SOULSEER_ENV'
  >;
  /** Where the files for browsers are. */
  files: string;
  turns: import('../server/logger.ts').Turns;
}

/** Bytes of their own, to be moved to the other thread rather than copied: a `Buffer` may be a part of a larger one. */
export const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
