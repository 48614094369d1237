/** A small typed client of realtime's HTTP interface, for the other programs. */

import type { z } from 'zod';
import { type Problem, problem, type Readiness, readiness, type Time, time } from './http.ts';

export interface RealtimeClientOptions {
  /** Origin of realtime, such as http://localhost:4324. */
  baseUrl: string;
  fetch?: typeof globalThis.fetch;
  /** Longest wait for an answer, in milliseconds. */
  timeoutMs?: number;
}

export interface CallOptions {
  /** Passed on, so that one request can be followed through all programs. */
  requestId?: string;
  signal?: AbortSignal;
}

/** realtime answered with a problem. */
export class RealtimeProblem extends Error {
  override name = 'RealtimeProblem';
  readonly problem: Problem;

  constructor(given: Problem) {
    super(`${given.status} ${given.code}: ${given.title}`);
    this.problem = given;
  }
}

export interface RealtimeClient {
  /** The server's clock; `clientTimeMs` comes back with it. */
  time(clientTimeMs: number, options?: CallOptions): Promise<Time>;
  /** Whether realtime can work, and what of it can't; doesn't throw when it is not ready. */
  ready(options?: CallOptions): Promise<Readiness>;
}

/** Calls throw `RealtimeProblem` for an error that realtime names, and what `fetch` throws when it can't be reached. */
export function createRealtimeClient({
  baseUrl,
  fetch = globalThis.fetch,
  timeoutMs = 5_000,
}: RealtimeClientOptions): RealtimeClient {
  async function get<T>(
    path: string,
    schema: z.ZodType<T>,
    options: CallOptions = {},
    accepted = [200],
  ): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(new URL(path, baseUrl), {
      headers: {
        accept: 'application/json',
        ...(options.requestId ? { 'x-request-id': options.requestId } : {}),
      },
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (accepted.includes(response.status)) return schema.parse(body);
    const given = problem.safeParse(body);
    throw new RealtimeProblem(
      given.success
        ? given.data
        : {
            type: 'about:blank',
            title: 'realtime gave an answer that it never gives',
            status: response.status,
            code: 'unexpected_answer',
          },
    );
  }

  return {
    time: (clientTimeMs, options) => get(`/api/time?client_time_ms=${clientTimeMs}`, time, options),
    ready: (options) => get('/ready', readiness, options, [200, 503]),
  };
}
