import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailEnvironment, mailEnvironment } from '../src/environment.ts';
import { createLog } from '../src/log.ts';
import { startMail } from '../src/mail/mail.ts';
import { freePort } from './support/ports.ts';
import { runProgram } from './support/process.ts';

const log = createLog('mail', 'silent');
let folder: string;
let environment: MailEnvironment;
let service: Awaited<ReturnType<typeof startMail>>;
let web: string;

interface Message {
  id: string;
  subject: string;
  html?: string;
  to: { address: string }[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-mail-'));
  environment = mailEnvironment.parse({
    SOULSEER_ENV: 'development',
    PORT: String(await freePort()),
    SMTP_PORT: String(await freePort()),
    DATA_DIR: join(folder, 'mail'),
  });
  web = `http://localhost:${environment.PORT}`;
  service = await startMail(environment, log);
});

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function messages(): Promise<Message[]> {
  return (await fetch(`${web}/api/email`)).json() as Promise<Message[]>;
}

async function send(subject: string): Promise<void> {
  const transport = nodemailer.createTransport({
    host: 'localhost',
    port: environment.SMTP_PORT,
    secure: false,
  });
  try {
    await transport.sendMail({
      from: 'SoulSeer <hello@soulseer.test>',
      to: 'client@soulseer.test',
      subject,
      html: '<p>A <b>reading</b> is booked.</p>',
    });
  } finally {
    transport.close();
  }
}

function status(headers: Record<string, string>, path = '/api/email'): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: environment.PORT, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('mail', () => {
  it('is accepted by SMTP and can be read in a browser', async () => {
    await send('Your reading');
    const [message] = await messages();
    expect(message).toMatchObject({ subject: 'Your reading', to: [{ address: 'client@soulseer.test' }] });
    expect(message?.html).toContain('<b>reading</b>');
    const page = await fetch(web, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    const [, script] = /<script[^>]* src="\.?(\/[^"]+)"/.exec(html) ?? [];
    expect(await (await fetch(`${web}${script}`)).text()).toContain('socket.io');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('survives a restart', async () => {
    await service.stop();
    service = await startMail(environment, log);
    expect((await messages()).map(({ subject }) => subject)).toContain('Your reading');
  });

  it('can’t be read by another site, nor by a name that was pointed at this machine', async () => {
    expect(await status({ host: `localhost:${environment.PORT}` })).toBe(200);
    expect(await status({ host: `evil.test:${environment.PORT}` })).toBe(403);
    expect(await status({ host: `localhost:${environment.PORT}`, origin: 'https://evil.test' })).toBe(403);
    const cors = await fetch(`${web}/api/email`, { headers: { origin: web } });
    expect(cors.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('has a live socket for the page, closed to other sites', async () => {
    expect(
      await status({ host: `localhost:${environment.PORT}` }, '/socket.io/?EIO=4&transport=polling'),
    ).toBe(200);
    const opened = (origin?: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = {
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...(origin ? { origin } : {}),
        };
        const request = httpRequest({
          host: '127.0.0.1',
          port: environment.PORT,
          path: '/socket.io/?EIO=4&transport=websocket',
          headers: { host: `localhost:${environment.PORT}`, ...headers },
        });
        request.on('upgrade', (response, socket) => {
          socket.destroy();
          resolve(response.statusCode ?? 0);
        });
        request.on('response', (response) => resolve(response.statusCode ?? 0));
        request.on('error', reject);
        request.end();
      });
    expect(await opened()).toBe(101);
    await expect(opened('https://evil.test')).rejects.toThrow();
  });

  it('is ready only while SMTP answers', async () => {
    expect(await (await fetch(`${web}/ready`)).json()).toEqual({ status: 'ready', checks: { smtp: 'ok' } });
  });
});

describe('a service as a process', () => {
  const start = (more: Record<string, string> = {}) =>
    runProgram('src/mail/main.ts', {
      SOULSEER_ENV: 'development',
      DATA_DIR: join(folder, 'other'),
      ...more,
    });

  it('stops on SIGTERM with code 0 and writes JSON lines only', async () => {
    const [port, smtpPort] = [await freePort(), await freePort()];
    const program = start({ PORT: String(port), SMTP_PORT: String(smtpPort) });
    await program.says(`"port":${port}`);
    await fetch(`http://localhost:${port}/api/email?secret=1`, {
      headers: { 'x-request-id': 'given-request-id' },
    });
    await program.says('given-request-id');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    const lines = program
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ request_id: id }) => id === 'given-request-id')).toMatchObject({
      program: 'mail',
      level: 'info',
      method: 'GET',
      path: '/api/email',
      status: 200,
      duration_ms: expect.any(Number),
    });
    expect(program.output()).not.toContain('secret=1');
  });

  it('names all that is wrong with its environment at once, and exits 78', async () => {
    const program = start({ PORT: 'ninety', SOULSEER_ENV: 'production', DATA_DIR: '' });
    expect(await program.exited).toBe(78);
    for (const name of ['SOULSEER_ENV', 'PORT', 'SMTP_PORT', 'DATA_DIR'])
      expect(program.output()).toContain(`  ${name}: `);
  });

  it('names a port in use in one line, and exits 69', async () => {
    const taken = start({ PORT: String(environment.PORT), SMTP_PORT: String(await freePort()) });
    expect(await taken.exited).toBe(69);
    expect(taken.output()).toContain(`port ${environment.PORT} on 127.0.0.1 is in use by another program`);
    const takenSmtp = start({ PORT: String(await freePort()), SMTP_PORT: String(environment.SMTP_PORT) });
    expect(await takenSmtp.exited).toBe(69);
    expect(takenSmtp.output()).toContain(
      `port ${environment.SMTP_PORT} on 127.0.0.1 is in use by another program`,
    );
  });
});
