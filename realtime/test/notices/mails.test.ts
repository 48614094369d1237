import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MailTemplate, MailValues } from '../../contract/mails.ts';
import { createMails, openTransport } from '../../src/notices/mails.ts';
import { templates, writeMail } from '../../src/notices/templates.ts';
import { query } from '../support/cluster.ts';
import { freePort, type Running, runProgram } from '../support/process.ts';
import { createServer, NOW, type TestServer } from '../support/server.ts';

const HOUR_MS = 60 * 60_000;

interface Message {
  subject: string;
  text: string;
  html: string;
  messageId?: string;
  headers: Record<string, string>;
  to: { address: string; name: string }[];
  from: { address: string; name: string }[];
}

let server: TestServer;
let sandbox: Running;
let folder: string;
let web: string;
let smtpUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-mails-'));
  const [port, smtpPort] = [await freePort(), await freePort()];
  web = `http://localhost:${port}`;
  smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
  // The sandbox's own mail, as it runs on every machine.
  sandbox = runProgram(['../sandbox/src/mail/main.ts'], {
    SOULSEER_ENV: 'development',
    PORT: String(port),
    SMTP_PORT: String(smtpPort),
    DATA_DIR: join(folder, 'mail'),
  });
  await sandbox.says('listening for mail');
  server = await createServer(undefined, { smtpUrl });
});
afterAll(async () => {
  await server.close();
  sandbox.child.kill('SIGTERM');
  await sandbox.exited;
  await rm(folder, { recursive: true, force: true });
});

const put = (key: string, body: unknown) =>
  server.app.inject(
    server.signed('cms', { method: 'PUT', url: `/service/mails/${encodeURIComponent(key)}`, body }),
  );
const declined = (to_person_id: string, reason = 'The documents can’t be read.') => ({
  to_person_id,
  template: 'reader_application_declined',
  values: { reason },
});
async function inboxOf(address: string): Promise<Message[]> {
  const all = (await (await fetch(`${web}/api/email`)).json()) as Message[];
  return all.filter(({ to }) => to.some((one) => one.address === address));
}
const row = async (key: string) =>
  (
    await query<{
      attempts: number;
      sent_at: Date | null;
      given_up_at: Date | null;
      contents: unknown;
      last_error: string | null;
      next_attempt_at: Date;
    }>(server.database.url, 'SELECT * FROM mails WHERE key = $1', [key])
  )[0];
/** Mails over another mail server. */
const mailsOver = (url: string) =>
  createMails({
    db: server.db,
    clock: server.clock,
    log: server.app.log as never,
    transport: openTransport(url),
    from: 'hello@soulseer.test',
    siteUrl: 'https://soulseer.test',
  });

describe('A1: a mail that a program asks for', () => {
  it('arrives at the person’s own address, in text and HTML, and what it said is forgotten here', async () => {
    const { person, person_id } = await server.signIn({ display_name: 'Ada "<b>" Ünal' });
    const key = `reader-application:${randomUUID()}:declined`;
    expect((await put(key, declined(person_id, '<script>alert(1)</script> & more'))).statusCode).toBe(204);
    expect(await server.mails.sweep()).toBe(1);
    const [message] = await inboxOf(person.email ?? '');
    expect(message).toMatchObject({
      subject: 'Your application to read on SoulSeer',
      from: [{ address: 'hello@soulseer.test', name: 'SoulSeer' }],
      to: [{ address: person.email, name: 'Ada "<b>" Ünal' }],
    });
    expect(message?.text).toContain('<script>alert(1)</script> & more');
    expect(message?.text).toContain('https://soulseer.test/dashboard');
    expect(message?.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; more');
    expect(message?.html).not.toContain('<script>');
    expect(message?.headers['auto-submitted']).toBe('auto-generated');
    expect(await row(key)).toMatchObject({ attempts: 1, sent_at: new Date(NOW), contents: null });
  });

  it('is sent once for each key, however often it is asked for and whoever sends', async () => {
    const { person, person_id } = await server.signIn();
    const keys = Array.from({ length: 4 }, () => `once:${randomUUID()}`);
    await Promise.all([...keys, ...keys].map((key) => put(key, declined(person_id))));
    // The same key with something else: the first stays.
    expect((await put(keys[0] ?? '', declined(person_id, 'another reason'))).statusCode).toBe(204);
    const sent = await Promise.all([server.mails.sweep(), mailsOver(smtpUrl).sweep(), server.mails.sweep()]);
    expect(sent.reduce((sum, one) => sum + one)).toBe(4);
    expect(await server.mails.sweep()).toBe(0);
    for (const key of keys) await put(key, declined(person_id));
    expect(await server.mails.sweep()).toBe(0);
    const messages = await inboxOf(person.email ?? '');
    expect(messages).toHaveLength(4);
    expect(JSON.stringify(messages)).not.toContain('another reason');
  });

  it('is sent again, under the same Message-ID, when a node died before it was noted', async () => {
    const { person, person_id } = await server.signIn();
    const key = `died:${randomUUID()}`;
    await put(key, declined(person_id));
    await server.mails.sweep();
    // As that node left it: taken, under a lease of five minutes, and not noted.
    await query(
      server.database.ownerUrl,
      `UPDATE mails SET sent_at = NULL, contents = '{"reason":"again"}' WHERE key = $1`,
      [key],
    );
    expect(await server.mails.sweep()).toBe(0);
    server.clock.set(NOW + 5 * 60_000);
    expect(await server.mails.sweep()).toBe(1);
    server.clock.set(NOW);
    const messages = await inboxOf(person.email ?? '');
    expect(messages).toHaveLength(2);
    const ids = messages.map(({ messageId, headers }) => messageId ?? headers['message-id']);
    expect(ids[0]).toBeTruthy();
    expect(ids[1]).toBe(ids[0]);
  });

  it('is tried again with growing pauses while the mail server is away, and given up after three days', async () => {
    const { person, person_id } = await server.signIn();
    const [kept, lost] = [`away:${randomUUID()}`, `lost:${randomUUID()}`];
    await put(kept, declined(person_id));
    const away = mailsOver(`smtp://127.0.0.1:${await freePort()}`);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(await away.sweep()).toBe(0);
      const next = (await row(kept))?.next_attempt_at.getTime() ?? 0;
      pauses.push((next - server.clock.now()) / 1_000);
      server.clock.set(next);
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    expect((await row(kept))?.last_error).toContain('ECONNREFUSED');
    expect(await server.mails.sweep()).toBe(1);
    expect(await inboxOf(person.email ?? '')).toHaveLength(1);

    await put(lost, declined(person_id));
    server.clock.set(server.clock.now() + 72 * HOUR_MS);
    await away.sweep();
    expect(await row(lost)).toMatchObject({ given_up_at: new Date(server.clock.now()), contents: null });
    server.clock.set(server.clock.now() + 72 * HOUR_MS);
    expect(await server.mails.sweep()).toBe(0);
    server.clock.set(NOW);
  });

  it('is given up at once when the mail server refuses the address for good', async () => {
    const smtp = createTcpServer((socket) => {
      socket.write('220 strict\r\n');
      socket.on('data', (chunk) => {
        const command = chunk.toString().slice(0, 4).toUpperCase();
        if (command === 'QUIT') socket.end('221 bye\r\n');
        else socket.write(command === 'RCPT' ? '550 no such mailbox\r\n' : '250 ok\r\n');
      });
      socket.on('error', () => undefined);
    });
    smtp.listen(0, '127.0.0.1');
    await once(smtp, 'listening');
    const { person_id } = await server.signIn();
    const key = `refused:${randomUUID()}`;
    await put(key, declined(person_id));
    await mailsOver(`smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}`).sweep();
    expect(await row(key)).toMatchObject({ attempts: 1, given_up_at: new Date(NOW), contents: null });
    smtp.close();
  });

  it('waits for a verified address: nobody else’s mailbox gets it', async () => {
    const { person, person_id } = await server.signIn({ email_verified: false });
    const unknown = randomUUID();
    const [key, nobodys] = [`unverified:${randomUUID()}`, `nobody:${randomUUID()}`];
    await put(key, declined(person_id));
    await put(nobodys, declined(unknown));
    expect(await server.mails.sweep()).toBe(0);
    for (const one of [key, nobodys])
      expect(await row(one)).toMatchObject({ last_error: 'no verified address is known', sent_at: null });
    await server.directory.putPerson({ ...person, version: 2, email_verified: true });
    server.clock.set(NOW + 30_000);
    expect(await server.mails.sweep()).toBe(1);
    server.clock.set(NOW);
    expect(await inboxOf(person.email ?? '')).toHaveLength(1);
  });

  it('is never in the log with its address or its words', () => {
    const all = JSON.stringify(server.lines());
    expect(all).toContain('a mail could not be sent');
    for (const secret of ['@soulseer.test', 'documents can’t be read']) expect(all).not.toContain(secret);
  });

  it('may have a key of 200 characters of any kind, and no more', async () => {
    const { person_id } = await server.signIn();
    for (const key of ['k'.repeat(200), 'ü'.repeat(200), 'a/b?c#d %'])
      expect((await put(key, declined(person_id))).statusCode).toBe(204);
    for (const key of ['k'.repeat(201), 'a\0b'])
      expect((await put(key, declined(person_id))).statusCode).toBe(400);
  });

  it.each([
    ['a template that is none', { template: 'anything', values: {} }],
    ['no template', { template: undefined }],
    ['a template of all objects', { template: 'constructor' }],
    ['no values', { values: undefined }],
    ['no reason', { values: {} }],
    ['an empty reason', { values: { reason: '' } }],
    ['an endless reason', { values: { reason: 'x'.repeat(2_001) } }],
    ['a NUL in its reason', { values: { reason: 'a\0b' } }],
    ['nobody to send it to', { to_person_id: 'ada@soulseer.test' }],
  ])('is refused with %s', async (_case, change) => {
    const answer = await put(randomUUID(), { ...declined(randomUUID()), ...change });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
  });
});

describe('every template', () => {
  const nasty = `<img src=x onerror="alert('1')"> & "quotes"`;
  const values: { [Name in MailTemplate]: MailValues[Name] } = {
    reader_application_approved: {},
    reader_application_declined: { reason: nasty },
    automatic_top_up: { amount_cents: 2_500, card: nasty },
    automatic_top_up_failed: {
      amount_cents: 2_500,
      card: nasty,
      reason: nasty,
      needs_person: false,
      off: true,
    },
    order_paid: {
      amount_cents: 2_500,
      paid_by: nasty,
      order_id: `order_${'0'.repeat(32)}`,
      downloads: true,
    },
    favourite_online: { reader_name: nasty, reader_slug: 'luna' },
  };

  it.each(Object.keys(templates) as MailTemplate[])('%s says the same in text and HTML, escaped', (name) => {
    const mail = writeMail(name, values[name], { display_name: nasty }, 'https://soulseer.test');
    expect(mail.subject).toMatch(/^[^\r\n]{5,}$/);
    expect(mail.text).toContain(`Hello ${nasty},`);
    expect(mail.html).toContain(
      'Hello &lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; &quot;quotes&quot;,',
    );
    expect(mail.html).not.toContain('<img');
    for (const given of Object.values(values[name]))
      if (typeof given === 'string') expect(mail.text).toContain(given);
    const links = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) {
      expect(link).toMatch(/^https:\/\/soulseer\.test\//);
      expect(mail.text).toContain(link);
    }
  });
});
