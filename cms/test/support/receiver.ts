import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serviceSecrets, verifyRequest } from 'realtime/contract/signature';

export type Told = { path: string; body: { version?: number } & Record<string, unknown>; status: number };
/** What a call is answered; nothing for 204. It may take its time. */
export type Answer = (told: Omit<Told, 'status'>) => number | Promise<number> | undefined;

export type Receiver = {
  url: string;
  /** Everything that came, in the order in which it was answered. */
  told: Told[];
  /** What is kept of each address: of versions the newest, as the programs do it. */
  kept: Map<string, Told['body']>;
  answer: (next: Answer | undefined) => void;
  stop: () => Promise<void>;
  start: () => Promise<void>;
};

/** A program that the CMS tells things: a real server, which takes only what is signed with the pair's key. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const told: Told[] = [];
  const kept = new Map<string, Told['body']>();
  const nonces = new Set<string>();
  let how: Answer | undefined;
  let port = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const path = request.url ?? '';
    const header = (name: string) => request.headers[name]?.toString();
    const verdict = verifyRequest(
      { cms: serviceSecrets(secret) },
      { method: request.method ?? '', path, body: bytes, header },
      Date.now(),
    );
    const nonce = header('x-soulseer-nonce') ?? '';
    const isNew = !nonces.has(nonce);
    nonces.add(nonce);
    const body = JSON.parse(bytes.toString()) as Told['body'];
    const status = !verdict.ok || !isNew ? 401 : ((await how?.({ path, body })) ?? 204);
    if (status < 300) {
      const known = kept.get(path);
      if (!known || (known.version ?? 0) <= (body.version ?? 0)) kept.set(path, body);
    }
    told.push({ path, body, status });
    response.writeHead(status).end();
  };
  let server = createServer();
  const start = async () => {
    if (server.listening) return;
    server = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    kept,
    answer: (next) => {
      how = next;
    },
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
