import { z } from 'zod';
import type { Identity } from './identity/identity.ts';
import type { Session } from './identity/sessions.ts';
import type { Logger } from './server/logger.ts';

/** Why another program didn't do what it was asked. */
export interface Refused {
  /** Its own code; `unavailable` when it can't be asked or answers what it never should, `ended` when the session here has ended. */
  code: string;
  status: number;
  /** Figures that stand beside the code, such as `least_cents`. */
  figures: Record<string, number>;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; refused: Refused };

export interface Call<T> {
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  token: string | undefined;
  requestId: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** What a good answer is. */
  answer: z.ZodType<T>;
  timeoutMs: number;
  log: Logger;
}

export const refusedWith = (code: string, status = 503): { ok: false; refused: Refused } => ({
  ok: false,
  refused: { code, status, figures: {} },
});

const told = z.looseObject({ code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/) });

/** Calls another program in somebody's name. Never throws: what goes wrong is a refusal. */
export async function call<T>(given: Call<T>): Promise<Answer<T>> {
  const { url, method = 'GET', token, requestId, body, headers, answer, timeoutMs, log } = given;
  const about = { request_id: requestId, method, path: new URL(url).pathname };
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        'x-request-id': requestId,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const said: unknown = response.status === 204 ? null : await response.json();
    if (response.ok) return { ok: true, value: answer.parse(said) };
    const problem = told.safeParse(said);
    if (response.status < 500 && problem.success) {
      const figures = Object.fromEntries(
        Object.entries(problem.data).filter(
          (pair): pair is [string, number] => pair[0] !== 'status' && Number.isSafeInteger(pair[1]),
        ),
      );
      return { ok: false, refused: { code: problem.data.code, status: response.status, figures } };
    }
    log.warn({ ...about, status: response.status }, 'another program gave no answer to use');
  } catch (error) {
    log.warn({ ...about, err: error }, 'another program gave no answer to use');
  }
  return refusedWith('unavailable');
}

export interface Asked<T> {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  answer: z.ZodType<T>;
}

/** Asks one program in a person's name. */
export type Asker = <T>(session: Session, requestId: string, asked: Asked<T>) => Promise<Answer<T>>;

interface AskerOptions {
  baseUrl: string;
  identity: Pick<Identity, 'accessToken'>;
  timeoutMs: number;
  log: Logger;
}

/** Asks a program with the access token of whoever it is for. */
export function createAsker({ baseUrl, identity, timeoutMs, log }: AskerOptions): Asker {
  return async (session, requestId, { path, ...rest }) => {
    const access = await identity.accessToken(session);
    if (access.state !== 'good') return refusedWith(access.state === 'ended' ? 'ended' : 'unavailable');
    return call({ ...rest, url: `${baseUrl}${path}`, token: access.token, requestId, timeoutMs, log });
  };
}
