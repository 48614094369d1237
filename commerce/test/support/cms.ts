import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DirectoryPerson, PersonSeen } from '../../src/identity/person';
import { refusalOf } from '../../src/identity/signature';
import { listen } from './listen';

/** The CMS's side of the contract for people (docs/service-calls.md): it mints each pair of issuer and subject once. */
export async function openCms(secret: string) {
  const people: DirectoryPerson[] = [];
  let asked = 0;
  let away = false;
  let version = 0;
  const server = await listen(async (request, response, body) => {
    asked += 1;
    if (away) return response.writeHead(503).end();
    const header = (name: string) => request.headers[name]?.toString();
    const { method = '', url: path = '' } = request;
    const refusal = refusalOf([secret], { method, path, body, header }, Date.now());
    if (refusal) return response.writeHead(401).end(refusal);
    if (`${method} ${path}` !== 'POST /api/service/people') return response.writeHead(404).end();
    const seen = JSON.parse(body.toString()) as PersonSeen;
    // Long enough for questions to meet.
    await pause(50);
    let person = people.find((one) => one.issuer === seen.issuer && one.subject === seen.subject);
    if (!person) {
      person = {
        person_id: randomUUID(),
        version: ++version,
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
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify(person));
  });
  return {
    url: server.url,
    people,
    asked: () => asked,
    setAway: (value: boolean) => (away = value),
    /** A person as the CMS has them, made or changed; the version grows. */
    person(change: Partial<DirectoryPerson> & { issuer: string; subject: string }): DirectoryPerson {
      const known = people.find((one) => one.issuer === change.issuer && one.subject === change.subject);
      const person: DirectoryPerson = {
        person_id: randomUUID(),
        email: `${change.subject.replace(/\W/g, '-')}@soulseer.test`,
        email_verified: true,
        display_name: change.subject,
        role: 'client',
        status: 'active',
        ...known,
        ...change,
        version: ++version,
      };
      if (known) people.splice(people.indexOf(known), 1);
      people.push(person);
      return person;
    },
    close: server.close,
  };
}

export type Cms = Awaited<ReturnType<typeof openCms>>;
