import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SOCKET_VERSION, type SocketTicket } from '../../contract/socket.ts';
import { query } from '../support/cluster.ts';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';
import { createNode, ORIGIN, type TestNode } from '../support/socket-node.ts';
import { openSocket } from '../support/sockets.ts';

let server: TestServer;
let other: TestNode;
let port: number;
let client: SignedIn;

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

async function ticketOf(who: SignedIn): Promise<string> {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/api/socket-tickets',
    headers: who.headers,
  });
  expect(answer.statusCode).toBe(201);
  return answer.json<SocketTicket>().ticket;
}
const refusalOf = (opening: Promise<unknown>) =>
  opening.then(
    () => 'opened',
    (error: Error) => error.message,
  );

describe('a ticket', () => {
  test.each(['client', 'reader', 'admin'] as const)(
    'SOC-3 A4: a %s gets one, and it opens a socket that says whose it is',
    async (role) => {
      const who = await server.signIn({ role });
      const answer = await server.app.inject({
        method: 'POST',
        url: '/api/socket-tickets',
        headers: who.headers,
      });
      expect(answer.headers['cache-control']).toBe('no-store');
      const { ticket, expires_at_ms } = answer.json<SocketTicket>();
      expect(expires_at_ms).toBe(server.clock.now() + 30_000);
      const socket = await openSocket(port, ticket);
      expect(socket.ws.protocol).toBe(SOCKET_VERSION);
      expect(await socket.hears({ type: 'hello' })).toMatchObject({
        person_id: who.person_id,
        role,
        server_time_ms: server.clock.now(),
      });
      socket.close();
      expect((await socket.closed).code).toBe(1005);
    },
  );

  test('SOC-3 A4: nobody, a suspended person and a program get none', async () => {
    const nobody = await server.app.inject({ method: 'POST', url: '/api/socket-tickets' });
    expect([nobody.statusCode, nobody.json().code]).toEqual([401, 'not_signed_in']);
    const suspended = await server.signIn({ status: 'suspended' });
    const refused = await server.app.inject({
      method: 'POST',
      url: '/api/socket-tickets',
      headers: suspended.headers,
    });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'account_suspended']);
    const program = await server.app.inject(
      server.signed('site', { method: 'POST', url: '/api/socket-tickets', body: {} }),
    );
    expect(program.statusCode).toBe(401);
  });

  test('SOC-3: of 40 that use one at once on two nodes, one gets in; afterwards nobody', async () => {
    const ticket = await ticketOf(client);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) => refusalOf(openSocket(n % 2 ? port : other.port, ticket))),
    );
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === '401 ticket_refused')).toHaveLength(39);
    expect(await refusalOf(openSocket(other.port, ticket))).toBe('401 ticket_refused');
  });

  test('SOC-3: ends after 30 seconds, and is swept', async () => {
    const [last, late] = [await ticketOf(client), await ticketOf(client)];
    server.clock.set(server.clock.now() + 29_999);
    expect(await refusalOf(openSocket(port, last))).toBe('opened');
    server.clock.set(server.clock.now() + 1);
    expect(await refusalOf(openSocket(port, late))).toBe('401 ticket_refused');
    await ticketOf(client);
    await ticketOf(client);
    server.clock.set(server.clock.now() + 30_000);
    await server.tickets.sweep();
    expect(await query(server.database.ownerUrl, 'SELECT * FROM socket_tickets')).toEqual([]);
  });

  test('SOC-3: is kept as a hash, and is in no log line', async () => {
    const ticket = await ticketOf(client);
    const rows = await query(server.database.ownerUrl, 'SELECT * FROM socket_tickets');
    expect(JSON.stringify(rows)).not.toContain(ticket);
    expect(await refusalOf(openSocket(port, ticket))).toBe('opened');
    expect(await refusalOf(openSocket(port, ticket))).toBe('401 ticket_refused');
    expect(JSON.stringify(server.lines())).not.toContain(ticket);
  });

  test('SOC-3 A1: of somebody suspended or signed out since is refused', async () => {
    const ticket = await ticketOf(client);
    await server.directory.putPerson({ ...client.person, version: 2, status: 'suspended' });
    expect(await refusalOf(openSocket(port, ticket))).toBe('403 account_suspended');
    const leaver = await server.signIn();
    const old = await ticketOf(leaver);
    const at_ms = server.clock.now();
    const put = await server.app.inject(
      server.signed('site', {
        method: 'PUT',
        url: `/service/sign-outs/${randomUUID()}`,
        body: { person_id: leaver.person_id, at_ms },
      }),
    );
    expect(put.statusCode).toBe(204);
    expect(await refusalOf(openSocket(port, old))).toBe('401 ticket_refused');
    server.clock.set(at_ms + 1);
    expect(await refusalOf(openSocket(port, await ticketOf(leaver)))).toBe('opened');
  });

  test.each(['', 'x', 'a'.repeat(43), 'a'.repeat(5_000), '../../etc/passwd', "';DROP"])(
    'SOC-3: that is none (%.10s) is refused',
    async (ticket) => {
      const refused = await raw(port, {
        'sec-websocket-protocol': `${SOCKET_VERSION}, ticket.${ticket}`,
      });
      expect(refused).toEqual([401, 'ticket_refused']);
    },
  );
});

/** A handshake as anybody can write one. */
function raw(at: number, headers: Record<string, string | undefined>, path = '/socket') {
  return new Promise<[number | undefined, string]>((resolve, reject) => {
    const all = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      origin: ORIGIN,
      ...headers,
    };
    const request = httpRequest({
      host: '127.0.0.1',
      port: at,
      path,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >,
    });
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () =>
        resolve([
          response.statusCode,
          body.startsWith('{') ? (JSON.parse(body) as { code: string }).code : body,
        ]),
      );
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve([101, 'opened']);
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the handshake', () => {
  test.each([
    ['another page', 'https://evil.test'],
    ['a page whose name begins alike', `${ORIGIN}.evil.test`],
    ['no origin', undefined],
    ['an origin that is none', 'null'],
    ['the origin over http', ORIGIN.replace('https', 'http')],
  ])('SOC-4: from %s is refused, the ticket stays good', async (_case, origin) => {
    const ticket = await ticketOf(client);
    const protocols = { 'sec-websocket-protocol': `${SOCKET_VERSION}, ticket.${ticket}` };
    expect(await raw(port, { ...protocols, origin })).toEqual([403, 'origin_not_allowed']);
    expect(await raw(port, protocols)).toEqual([101, 'opened']);
  });

  test('SOC-4: needs a version that we speak, a ticket and the path', async () => {
    const ticket = `ticket.${await ticketOf(client)}`;
    const offer = (text: string) => ({ 'sec-websocket-protocol': text });
    expect(await raw(port, offer(ticket))).toEqual([400, 'unsupported_version']);
    expect(await raw(port, offer(`soulseer.2, ${ticket}`))).toEqual([400, 'unsupported_version']);
    expect(await raw(port, {})).toEqual([400, 'unsupported_version']);
    expect(await raw(port, offer(SOCKET_VERSION))).toEqual([401, 'ticket_missing']);
    expect(await raw(port, offer(`${SOCKET_VERSION}, ${ticket}`), '/elsewhere')).toEqual([404, 'not_found']);
    expect(await raw(port, offer(`${SOCKET_VERSION}, ${ticket}`), '/socket/?x=1')).toEqual([101, 'opened']);
  });

  test('SOC-4: that is no WebSocket’s is refused, and plain HTTP is told what the address is for', async () => {
    const ticket = await ticketOf(client);
    const protocols = { 'sec-websocket-protocol': `${SOCKET_VERSION}, ticket.${ticket}` };
    expect((await raw(port, { ...protocols, 'sec-websocket-key': 'short' }))[0]).toBe(400);
    const plain = await server.app.inject('/socket');
    expect([plain.statusCode, plain.json().code]).toEqual([426, 'upgrade_required']);
    const cut = connect(port, '127.0.0.1', () => {
      cut.write('GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
      cut.destroy();
    });
    expect((await server.app.inject('/health')).statusCode).toBe(200);
  });

  test('SOC-5: limits sockets and handshakes from one address, not its neighbour’s; a proxy’s word counts', async () => {
    const node = await createNode({
      databaseUrl: server.database.url,
      clock: server.clock,
      limits: { of_address: 3, handshakes: 10 },
    });
    const from = (address: string, ticket: string) =>
      openSocket(node.port, ticket, { headers: { 'x-forwarded-for': address } });
    const open = [];
    for (let n = 0; n < 3; n += 1) open.push(await from('203.0.113.1', await ticketOf(client)));
    const ticket = await ticketOf(client);
    expect(await refusalOf(from('203.0.113.1', ticket))).toBe('429 too_many_sockets');
    // Whatever stands before the proxy's own entry is the client's claim.
    expect(await refusalOf(from('203.0.113.9, 203.0.113.1', ticket))).toBe('429 too_many_sockets');
    expect(await refusalOf(from('203.0.113.2', ticket))).toBe('opened');
    open[0]?.close();
    await open[0]?.closed;
    await expect.poll(() => node.metric('sockets_open')).toBe(3);
    expect(await refusalOf(from('203.0.113.1', await ticketOf(client)))).toBe('opened');
    for (let n = 0; n < 10; n += 1) await refusalOf(from('203.0.113.3', 'x'.repeat(43)));
    expect(await refusalOf(from('203.0.113.3', 'x'.repeat(43)))).toBe('429 too_many_sockets');
    server.clock.set(server.clock.now() + 10_000);
    expect(await refusalOf(from('203.0.113.3', 'x'.repeat(43)))).toBe('401 ticket_refused');
    await node.close();
  });

  test('SOC-5: a person’s eleventh socket takes the place of the oldest', async () => {
    const sockets = [];
    for (let n = 0; n < 11; n += 1) sockets.push(await openSocket(port, await ticketOf(client)));
    expect(await sockets[0]?.closed).toMatchObject({ code: 4410, reason: 'replaced' });
    sockets[1]?.send({ type: 'ping', id: 'still-here' });
    await sockets[1]?.hears({ type: 'pong', id: 'still-here' });
    for (const socket of sockets) socket.close();
  });
});
