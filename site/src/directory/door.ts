import { directoryPerson, directoryReader } from 'realtime/contract';
import { verifyRequest } from 'realtime/contract/signature';
import { z } from 'zod';
import type { Outbox } from '../identity/outbox.ts';
import { type Problem, problemResponse } from '../server/problem.ts';
import type { Directory } from './store.ts';

/** A signed call, as it arrived. */
export interface SignedCall {
  request: Request;
  /** Path and query as they were sent, which is what is signed. */
  target: string;
  /** The id in the address. */
  id: string | undefined;
  address: string;
  request_id: string;
}

export interface DirectoryDoor {
  putPerson(call: SignedCall): Promise<Response>;
  putReader(call: SignedCall): Promise<Response>;
  /** Something that pages show has changed: every node forgets what it has read. */
  putContent(call: SignedCall): Promise<Response>;
}

interface Options {
  directory: Directory;
  outbox: Outbox;
  /** The secrets by which the CMS signs its calls here. */
  secrets: readonly string[];
  clock?: () => number;
}

const contentChange = z.object({ version: z.int().min(1) });

const unsigned = (code: string): Problem => ({
  status: 401,
  code,
  title: 'This is for our own programs',
  detail: 'The call is to be signed as docs/service-calls.md says, with the key of the CMS and this site.',
});

const unreadable = (detail: string): Problem => ({
  status: 400,
  code: 'invalid_request',
  title: 'That can’t be taken',
  detail,
});

/** Where the CMS tells of people and readers. Nothing is looked at before the signature is found good. */
export function createDirectoryDoor({
  directory,
  outbox,
  secrets,
  clock = Date.now,
}: Options): DirectoryDoor {
  async function take<T>(
    { request, target, id, address, request_id }: SignedCall,
    schema: z.ZodType<T>,
    idOf: (value: T) => string | undefined,
    keep: (value: T) => Promise<void>,
  ): Promise<Response> {
    const body = new Uint8Array(await request.arrayBuffer());
    const header = (name: string) => request.headers.get(name) ?? undefined;
    const verdict = verifyRequest(
      { cms: secrets },
      { method: request.method, path: target, body, header },
      clock(),
    );
    if (!verdict.ok) {
      outbox.audit({
        action: 'refusal',
        outcome: 'refused',
        actor_person_id: null,
        subject: 'service',
        reason: verdict.code,
        address,
      });
      return problemResponse(unsigned(verdict.code), request_id);
    }
    let given: unknown;
    try {
      given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch {
      return problemResponse(unreadable('The body is no JSON in UTF-8.'), request_id);
    }
    const parsed = schema.safeParse(given);
    if (!parsed.success) return problemResponse(unreadable(z.prettifyError(parsed.error)), request_id);
    if (idOf(parsed.data) !== id)
      return problemResponse(unreadable('The body is about another one than the address.'), request_id);
    await keep(parsed.data);
    return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
  }

  return {
    putPerson: (call) => take(call, directoryPerson, ({ person_id }) => person_id, directory.person),
    putContent: (call) => take(call, contentChange, () => call.id, directory.contentChanged),
    putReader: (call) => take(call, directoryReader, ({ reader_id }) => reader_id, directory.reader),
  };
}
