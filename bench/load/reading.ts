/** One reading between two people: asked for, accepted, entered; then heartbeats, a line of chat, a look now and then. */

import { randomUUID } from 'node:crypto';
import type { SessionView } from '../../realtime/contract/session.ts';
import type { ServerMessage } from '../../realtime/contract/socket.ts';
import { SOCKET_VERSION, TICKET_PREFIX } from '../../realtime/contract/socket-protocol.ts';
import type { Addresses, Person, Reader } from './people.ts';

/** Node's own, which takes more than a browser's does. */
const Socket = WebSocket as unknown as new (
  url: string,
  init: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

const HEARTBEAT_MS = 5_000;
const PRESENCE_MS = 30_000;
/** Between two looks, and between two lines, of one person; about. */
const LOOK_MS = 20_000;
const LINE_MS = 25_000;
const UNHEARD_MS = 10_000;

export interface Measures {
  /** Of each answer of the API, in milliseconds. */
  api: number[];
  /** From a line's being sent to its being heard by the other one. */
  lines: number[];
  /** Lines that nobody heard within UNHEARD_MS. */
  unheard: number;
  /** Sockets that were closed though nobody wanted it. */
  lost: number;
  failed: string[];
}

export interface Reading {
  client: Person;
  reader: Reader;
  id: string;
  /** Ends it, and answers how it was summed up. */
  end(by: 'client' | 'reader'): Promise<SessionView>;
}

interface Attendee {
  say(message: object): void;
  close(): void;
}

export async function beginReading(
  addresses: Addresses,
  client: Person,
  reader: Reader,
  measures: Measures,
): Promise<Reading> {
  const { site, realtime } = addresses;
  const sessions = `${site}/api/sessions`;
  const { id } = await client.window.ask<{ id: string }>('POST', sessions, {
    reader_id: reader.reader_id,
    modality: 'chat',
    maximum_minutes: 60,
  });
  await reader.window.ask('POST', `${sessions}/${id}/accept`);
  const room = `session:${id}`;
  const sent = new Map<string, number>();
  let over = false;

  async function attend({ window, person_id }: Person): Promise<Attendee> {
    const { ticket } = await window.ask<{ ticket: string }>('POST', `${site}/api/socket-tickets`);
    const socket = new Socket(`${realtime.replace('http', 'ws')}/socket`, {
      protocols: [SOCKET_VERSION, `${TICKET_PREFIX}${ticket}`],
      headers: { origin: site, 'x-forwarded-for': window.address },
    });
    const say = (message: object) => socket.send(JSON.stringify(message));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => say({ type: 'join', room }));
      socket.addEventListener('close', ({ code }) => {
        reject(new Error(`a socket was closed with ${code}`));
        if (!over) measures.lost += 1;
      });
      socket.addEventListener('message', ({ data }) => {
        for (const message of JSON.parse(String(data)) as ServerMessage[]) {
          if (message.type === 'joined') resolve();
          if (message.type === 'error') reject(new Error(`${message.code}: ${message.title}`));
          if (message.type !== 'message' || message.body.type !== 'chat') continue;
          const { id: line, from_person_id } = message.body;
          const at = sent.get(line);
          if (at === undefined || from_person_id === person_id) continue;
          measures.lines.push(performance.now() - at);
          sent.delete(line);
        }
      });
    });
    await window.ask('POST', `${sessions}/${id}/join`);
    return { say, close: () => socket.close() };
  }
  const [here, there] = [await attend(client), await attend(reader)];

  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, work: () => void) => {
    // Each at its own moment.
    const first = setTimeout(() => {
      work();
      timers.push(setInterval(work, ms));
    }, Math.random() * ms);
    timers.push(first);
  };
  /** An answer of the API, measured; what the end itself cuts off is no failure. */
  const measure = (answered: Promise<{ took_ms: number }>) =>
    void answered.then(
      ({ took_ms }) => measures.api.push(took_ms),
      (error: Error) => {
        if (!over) measures.failed.push(error.message);
      },
    );
  const look = ({ window }: Person, ...urls: [string, string]) =>
    measure(window.ask('GET', urls[Math.random() < 0.5 ? 0 : 1]));
  for (const one of [here, there]) {
    every(HEARTBEAT_MS, () => one.say({ type: 'heartbeat', room }));
    every(LINE_MS, () => {
      const line = randomUUID();
      sent.set(line, performance.now());
      one.say({ type: 'chat', room, id: line, text: 'And what do you see in the next card?' });
    });
  }
  every(LOOK_MS, () => look(client, `${sessions}/${id}`, `${site}/api/wallet`));
  every(LOOK_MS, () => look(reader, `${sessions}/${id}`, `${site}/api/earnings?by=session&limit=5`));
  every(PRESENCE_MS, () =>
    measure(reader.window.ask('PUT', `${site}/api/readers/me/presence`, { status: 'online' })),
  );

  return {
    client,
    reader,
    id,
    async end(by) {
      over = true;
      for (const at of sent.values()) if (performance.now() - at > UNHEARD_MS) measures.unheard += 1;
      for (const timer of timers) {
        clearTimeout(timer);
        clearInterval(timer);
      }
      await (by === 'client' ? client : reader).window.ask('POST', `${sessions}/${id}/end`);
      for (const one of [here, there]) one.close();
      for (let tries = 0; ; tries += 1) {
        const view = await client.window.ask<SessionView>('GET', `${sessions}/${id}`);
        if (view.state === 'finalized') return view;
        if (tries > 120) throw new Error(`${id} is still ${view.state}`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
  };
}
