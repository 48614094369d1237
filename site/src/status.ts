import { z } from 'zod';
import type { Environment } from './server/environment.ts';

export const programNames = ['cms', 'commerce', 'realtime'] as const;
export type ProgramName = (typeof programNames)[number];
/** `down` is said only of what has been ready before: until then it is taken to be starting. */
export type ProgramState = 'ready' | 'starting' | 'down';
export type ProgramStatus = { state: ProgramState };

export const statusQuery = z.object({ of: z.enum(programNames).optional() });

/** What people call each program. */
export const programWords: Record<ProgramName, string> = {
  cms: 'The readers’ directory',
  commerce: 'The shop',
  realtime: 'The live part',
};

export interface Status {
  /** Asks one program whether it is ready; an answer is good for a second. */
  of(program: ProgramName, requestId?: string): Promise<ProgramStatus>;
  all(requestId?: string): Promise<Record<ProgramName, ProgramStatus>>;
}

const timeoutMs = 1_000;
const goodForMs = 1_000;

/** Knows which of the other programs are ready, by asking their `/ready`. */
export function createStatus(
  environment: Pick<Environment, 'CMS_URL' | 'COMMERCE_URL' | 'REALTIME_URL'>,
): Status {
  const addresses = {
    cms: environment.CMS_URL,
    commerce: environment.COMMERCE_URL,
    realtime: environment.REALTIME_URL,
  } as const satisfies Record<ProgramName, string>;
  const asked = new Map<ProgramName, { at: number; answer: Promise<ProgramStatus> }>();
  const seenReady = new Set<ProgramName>();

  async function isReady(program: ProgramName, requestId?: string): Promise<boolean> {
    try {
      const response = await fetch(`${addresses[program]}/ready`, {
        signal: AbortSignal.timeout(timeoutMs),
        headers: requestId ? { 'x-request-id': requestId } : {},
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async function ask(program: ProgramName, requestId?: string): Promise<ProgramStatus> {
    if (await isReady(program, requestId)) {
      seenReady.add(program);
      return { state: 'ready' };
    }
    return { state: seenReady.has(program) ? 'down' : 'starting' };
  }

  function of(program: ProgramName, requestId?: string): Promise<ProgramStatus> {
    const last = asked.get(program);
    if (last && performance.now() - last.at < goodForMs) return last.answer;
    const answer = ask(program, requestId);
    asked.set(program, { at: performance.now(), answer });
    return answer;
  }

  return {
    of,
    async all(requestId) {
      const [cms, commerce, realtime] = await Promise.all(programNames.map((name) => of(name, requestId)));
      return { cms, commerce, realtime } as Record<ProgramName, ProgramStatus>;
    },
  };
}
