import { expect } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  type ClientMessage,
  type ServerMessage,
  SOCKET_VERSION,
  serverFrame,
  TICKET_PREFIX,
} from '../../contract/socket.ts';
import { ORIGIN } from './socket-node.ts';

export interface TestSocket {
  ws: WebSocket;
  /** Everything that came in, in order. */
  got: ServerMessage[];
  /** How many frames that was. */
  frames: () => number;
  send: (message: ClientMessage) => void;
  /** Waits for the first message that came, or will, and has all this; answers it. */
  hears: (wanted: Record<string, unknown>) => Promise<ServerMessage>;
  /** Enters a room and waits until it is in. */
  join: (room: string, after?: number) => Promise<Extract<ServerMessage, { type: 'joined' }>>;
  /** What was said in a room: bodies with their numbers. */
  said: (room: string) => Extract<ServerMessage, { type: 'message' }>[];
  /** The code and reason with which it was closed. */
  closed: Promise<{ code: number; reason: string; at: number }>;
  close: () => void;
}

/** Opens a socket as a browser does, and checks everything that comes in against the contract. */
export async function openSocket(
  port: number,
  ticket: string,
  { origin = ORIGIN, ...options }: ClientOptions = {},
): Promise<TestSocket> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/socket`, [SOCKET_VERSION, `${TICKET_PREFIX}${ticket}`], {
    origin,
    ...options,
  });
  const got: ServerMessage[] = [];
  let frames = 0;
  ws.on('message', (data) => {
    frames += 1;
    got.push(...serverFrame.parse(JSON.parse(String(data))));
  });
  ws.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string; at: number }>((resolve) =>
    ws.once('close', (code, reason) => resolve({ code, reason: String(reason), at: performance.now() })),
  );
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () =>
        reject(new Error(`${response.statusCode} ${(JSON.parse(body) as { code: string }).code}`)),
      );
    });
    ws.once('error', reject);
  });
  const socket: TestSocket = {
    ws,
    got,
    frames: () => frames,
    send: (message) => ws.send(JSON.stringify(message)),
    async hears(wanted) {
      let found: ServerMessage | undefined;
      await expect
        .poll(
          () =>
            (found = got.find((message) =>
              Object.entries(wanted).every(
                ([name, value]) =>
                  JSON.stringify((message as Record<string, unknown>)[name]) === JSON.stringify(value),
              ),
            )),
          { interval: 5 },
        )
        .toBeDefined();
      return found as ServerMessage;
    },
    async join(room, after) {
      const id = `j${got.length}-${frames}`;
      socket.send({ type: 'join', room, id, ...(after === undefined ? {} : { after }) });
      return (await socket.hears({ type: 'joined', room, id })) as Extract<ServerMessage, { type: 'joined' }>;
    },
    said: (room) =>
      got.filter(
        (message): message is Extract<ServerMessage, { type: 'message' }> =>
          message.type === 'message' && message.room === room,
      ),
    closed,
    close: () => ws.close(),
  };
  return socket;
}
