import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { query } from '../support/cluster.ts';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';
import { createNode, type TestNode } from '../support/socket-node.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';

const WITHIN_MS = 5_000;

let server: TestServer;
let port: number;
let other: TestNode;
let client: SignedIn;
const open: TestSocket[] = [];

beforeAll(async () => {
  server = await createServer();
  port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
  other = await createNode({ databaseUrl: server.database.url, clock: server.clock });
});
afterAll(async () => {
  await other.close();
  await server.close();
});
beforeEach(async () => {
  server.clock.set(server.clock.now() + 60_000);
  client = await server.signIn();
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.ws.terminate();
});

async function connect(at: number, who = client): Promise<TestSocket> {
  const { ticket } = await server.tickets.issue(who.person_id);
  const socket = await openSocket(at, ticket);
  open.push(socket);
  return socket;
}
/** One on each node. */
const onBoth = (who = client) => Promise.all([connect(port, who), connect(other.port, who)]);
const putSignOut = (body: unknown, id: string = randomUUID(), caller: 'site' | 'cms' = 'site') =>
  server.app.inject(server.signed(caller, { method: 'PUT', url: `/service/sign-outs/${id}`, body }));
async function stillOpen(...sockets: TestSocket[]): Promise<void> {
  for (const socket of sockets) {
    const id = randomUUID();
    socket.send({ type: 'ping', id });
    await socket.hears({ type: 'pong', id });
  }
}

describe('signing out', () => {
  test('SOC-10 A2: closes the person’s sockets on every node within 5 seconds, nobody else’s and none opened since', async () => {
    const mine = await onBoth();
    const theirs = await onBoth(await server.signIn());
    const at_ms = server.clock.now();
    server.clock.set(at_ms + 1);
    const since = await connect(other.port);
    const began = performance.now();
    const id = randomUUID();
    expect((await putSignOut({ person_id: client.person_id, at_ms }, id)).statusCode).toBe(204);
    for (const closed of await Promise.all(mine.map((socket) => socket.closed))) {
      expect([closed.code, closed.reason]).toEqual([4401, 'signed_out']);
      expect(closed.at - began).toBeLessThan(WITHIN_MS);
    }
    // Sent again, as the site does when it heard no answer; and one that comes late.
    expect((await putSignOut({ person_id: client.person_id, at_ms }, id)).statusCode).toBe(204);
    expect((await putSignOut({ person_id: client.person_id, at_ms: at_ms - 5_000 })).statusCode).toBe(204);
    await other.hub.sweep();
    await stillOpen(since, ...theirs);
    const [kept] = await query(server.database.ownerUrl, 'SELECT at_ms FROM socket_sign_outs');
    expect(Number(kept?.['at_ms'])).toBe(at_ms);
  });

  test('SOC-10: a time in the future counts as now', async () => {
    const mine = await connect(port);
    await putSignOut({ person_id: client.person_id, at_ms: server.clock.now() + 3_600_000 });
    expect((await mine.closed).code).toBe(4401);
    server.clock.set(server.clock.now() + 1);
    await stillOpen(await connect(port));
  });

  test('SOC-10 A4: is taken from the site alone, and only whole', async () => {
    const mine = await connect(port);
    const good = { person_id: client.person_id, at_ms: server.clock.now() };
    expect((await putSignOut(good, randomUUID(), 'cms')).statusCode).toBe(401);
    const unsigned = await server.app.inject({
      method: 'PUT',
      url: `/service/sign-outs/${randomUUID()}`,
      headers: client.headers,
      payload: good,
    });
    expect(unsigned.statusCode).toBe(401);
    for (const bad of [{}, { ...good, at_ms: -1 }, { ...good, at_ms: 'now' }, { ...good, person_id: 'me' }])
      expect((await putSignOut(bad)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await putSignOut(good, 'not-a-uuid')).statusCode).toBe(400);
    expect((await putSignOut({ ...good, person_id: randomUUID() })).statusCode).toBe(204);
    await stillOpen(mine);
  });
});

describe('suspending', () => {
  test('SOC-10 A1: closes the person’s sockets on every node within 5 seconds', async () => {
    const mine = await onBoth();
    const began = performance.now();
    await server.directory.putPerson({ ...client.person, version: 2, status: 'suspended' });
    for (const closed of await Promise.all(mine.map((socket) => socket.closed))) {
      expect([closed.code, closed.reason]).toEqual([4403, 'suspended']);
      expect(closed.at - began).toBeLessThan(WITHIN_MS);
    }
  });

  test('SOC-10 A1: also when the word of it is lost: the sweep finds suspensions, sign-outs and other roles', async () => {
    const people = await Promise.all([server.signIn(), server.signIn(), server.signIn(), server.signIn()]);
    const sockets = await Promise.all(people.map((who) => connect(other.port, who)));
    const [suspended, leaver, promoted] = people.map(({ person_id }) => person_id);
    const run = (text: string, values: unknown[]) => query(server.database.ownerUrl, text, values);
    await run(`UPDATE people SET status = 'suspended' WHERE person_id = $1`, [suspended]);
    await run(`INSERT INTO socket_sign_outs VALUES ($1, $2)`, [leaver, server.clock.now()]);
    await run(`UPDATE people SET role = 'reader' WHERE person_id = $1`, [promoted]);
    expect(await other.hub.sweep()).toBe(3);
    const codes = await Promise.all(sockets.slice(0, 3).map(async (socket) => (await socket.closed).code));
    expect(codes).toEqual([4403, 4401, 4412]);
    await stillOpen(...sockets.slice(3));
    await expect.poll(() => other.hub.sweep()).toBe(0);
  });

  test('SOC-10 A1: another role closes too, so that the next socket has it', async () => {
    const mine = await connect(other.port);
    await server.directory.putPerson({ ...client.person, version: 2, role: 'reader' });
    expect(await mine.closed).toMatchObject({ code: 4412, reason: 'person_changed' });
    expect(await (await connect(other.port)).hears({ type: 'hello' })).toMatchObject({ role: 'reader' });
  });

  test('SOC-10: a change that changes neither role nor status closes nothing', async () => {
    const mine = await onBoth();
    await server.directory.putPerson({ ...client.person, version: 2, display_name: 'Another name' });
    await stillOpen(...mine);
  });
});

test('SOC-11: a node that stops closes its sockets with 1012, refuses new ones, and keeps no line open', async () => {
  const node = await createNode({ databaseUrl: server.database.url, clock: server.clock });
  const sockets = await Promise.all(
    Array.from({ length: 5 }, async () => connect(node.port, await server.signIn())),
  );
  const { ticket } = await server.tickets.issue(client.person_id);
  // One that never answers a close.
  sockets[0]?.ws.pause();
  const stopping = node.close();
  await expect(openSocket(node.port, ticket)).rejects.toThrow(/503 stopping|ECONNREFUSED/);
  await stopping;
  for (const socket of sockets.slice(1))
    expect(await socket.closed).toMatchObject({ code: 1012, reason: 'restarting' });
});

test('SOC-12: a socket whose other end is gone without a word is cut off; one that answers stays', async () => {
  const node = await createNode({
    databaseUrl: server.database.url,
    clock: server.clock,
    limits: { ping_ms: 300 },
  });
  const [alive, dead] = [await connect(node.port), await connect(node.port)];
  // It reads nothing any more, so it answers no ping.
  dead.ws.pause();
  await expect.poll(() => node.metric('sockets_open')).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await stillOpen(alive);
  await node.close();
});
