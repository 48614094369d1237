import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase } from './database.ts';
import { freePort } from './ports.ts';

export const audience = 'https://api.soulseer.test';
export const clientSecret = 'sandbox-client-secret-of-the-tests';
const sandbox = fileURLToPath(new URL('../../../sandbox/', import.meta.url));

export interface TestIssuer extends AsyncDisposable {
  url: string;
  /** Calls to `/token` since it started, by the grant that they asked for. */
  grants: string[];
  /** As if it were gone: connections are cut. */
  away: boolean;
  /** Waits before each answer of `/token`, so that what runs at once does so. */
  slowMs: number;
  /** Changes its discovery document, as other issuers' are. */
  discovery: (document: Record<string, unknown>) => Record<string, unknown>;
}

/** The sandbox's identity service, run as it is, behind a door that counts, and can be shut. */
export async function startIssuer(
  siteUrls: string[],
  {
    accessTokenSeconds = 600,
    people,
  }: { accessTokenSeconds?: number; people: { email: string; display_name: string }[] },
): Promise<TestIssuer> {
  const database = await createDatabase({ empty: true });
  const folder = await mkdtemp(join(tmpdir(), 'soulseer-issuer-'));
  await writeFile(join(folder, 'people.json'), JSON.stringify(people));
  const port = await freePort();
  const inner = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ['src/identity/main.ts'], {
    cwd: sandbox,
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      SOULSEER_ENV: 'development',
      PORT: String(inner),
      LOG_LEVEL: 'warn',
      ISSUER: url,
      DATABASE_URL: database.url,
      AUDIENCE: audience,
      ACCOUNTS_FILE: join(folder, 'people.json'),
      DEMO_PASSWORD: 'soulseer',
      ACCESS_TOKEN_SECONDS: String(accessTokenSeconds),
      CLIENTS: JSON.stringify([
        {
          client_id: 'soulseer-site',
          client_secret: clientSecret,
          redirect_uris: siteUrls.map((site) => `${site}/auth/callback`),
          post_logout_redirect_uris: siteUrls.map((site) => `${site}/`),
        },
      ]),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });

  const issuer: TestIssuer = {
    url,
    grants: [],
    away: false,
    slowMs: 0,
    discovery: (document) => document,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => door.close(resolve));
      door.closeAllConnections();
      await closed;
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };

  const door = createServer((request, response) => {
    if (issuer.away) return void request.socket.destroy();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const isToken = request.url === '/token';
      if (isToken) issuer.grants.push(new URLSearchParams(body.toString()).get('grant_type') ?? '');
      const { host: _, ...headers } = request.headers;
      const pass = () =>
        send(
          { port: inner, host: '127.0.0.1', method: request.method, path: request.url, headers },
          (answer) => {
            if (request.url !== '/.well-known/openid-configuration') {
              response.writeHead(answer.statusCode ?? 502, answer.headers);
              answer.pipe(response);
              return;
            }
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (chunk: string) => (text += chunk));
            answer.on('end', () => {
              const document = JSON.stringify(issuer.discovery(JSON.parse(text) as Record<string, unknown>));
              response.writeHead(200, { 'content-type': 'application/json' }).end(document);
            });
          },
        )
          .once('error', () => response.destroy())
          .end(body);
      if (isToken && issuer.slowMs > 0) setTimeout(pass, issuer.slowMs);
      else pass();
    });
  });
  await new Promise<void>((resolve) => door.listen(port, 'localhost', resolve));

  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`http://127.0.0.1:${inner}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return issuer;
    if (tries > 300 || child.exitCode !== null) throw new Error('the identity service did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
