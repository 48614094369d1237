/** The CMS's side of the contract for people: it mints each pair of issuer and subject once. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type DirectoryPerson, personSeen } from '../../contract/directory.ts';
import { verifyRequest } from '../../contract/signature.ts';

export interface TestCms {
  url: string;
  people: DirectoryPerson[];
  /** How often it was asked. */
  asked: () => number;
  setAway: (away: boolean) => void;
  close: () => Promise<void>;
}

/** `secret` is what realtime signs with. Each answer takes `delayMs`, so that questions meet. */
export async function createCms({
  secret,
  clock,
  delayMs = 20,
}: {
  secret: string;
  clock: { now: () => number };
  delayMs?: number;
}): Promise<TestCms> {
  const people: DirectoryPerson[] = [];
  let asked = 0;
  let away = false;
  const server = createServer(async (request, response) => {
    asked += 1;
    if (away) return response.writeHead(503).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const verdict = verifyRequest(
      { realtime: [secret] },
      {
        method: request.method ?? '',
        path: request.url ?? '',
        body,
        header: (name) => request.headers[name]?.toString(),
      },
      clock.now(),
    );
    if (!verdict.ok) return response.writeHead(401).end(verdict.code);
    if (`${request.method} ${request.url}` !== 'POST /api/service/people')
      return response.writeHead(404).end();
    const seen = personSeen.parse(JSON.parse(body.toString()));
    await pause(delayMs);
    let person = people.find((one) => one.issuer === seen.issuer && one.subject === seen.subject);
    if (!person) {
      person = {
        person_id: randomUUID(),
        version: people.length + 1,
        issuer: seen.issuer,
        subject: seen.subject,
        email: seen.email ?? null,
        email_verified: seen.email_verified ?? false,
        display_name: seen.display_name ?? 'Somebody new',
        role: 'client',
        status: 'active',
      };
      people.push(person);
    }
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(person));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    people,
    asked: () => asked,
    setAway: (value) => (away = value),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
