/** MailDev by its parts, behind a door of ours: messages may hold sign-in links, so no other site may read them. */

import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { createAPIServer } from '@maildev/api';
import { FileStorage } from '@maildev/core';
import { createSMTPServer } from '@maildev/smtp';
import { registerUI } from '@maildev/ui/server';
import type { MailEnvironment } from '../environment.ts';
import type { Log } from '../log.ts';
import { openDoor, sendProblem, Unavailable } from '../service.ts';

/** Messages kept; the oldest go first. */
const MOST_MESSAGES = 1000;

/** Starts SMTP and the web page, and answers how to stop them. */
export async function startMail(
  environment: MailEnvironment,
  log: Log,
): Promise<{ stop: () => Promise<void> }> {
  const { HOST: host, PORT: port, SMTP_PORT: smtpPort } = environment;
  const mailDir = resolve(environment.DATA_DIR);
  await mkdir(mailDir, { recursive: true });

  const storage = new FileStorage({ mailDirectory: mailDir, maxEmails: MOST_MESSAGES });
  await storage.initialize();
  const smtp = createSMTPServer({ host, port: smtpPort, storage, mailDir, logger: false });
  await smtp.start().catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new Unavailable(`port ${smtpPort} on ${host} is in use by another program`)
      : error;
  });
  log.info('listening for mail', { host, port: smtpPort });
  await smtp.pruneMailDir(MOST_MESSAGES);
  await smtp.loadMailsFromDirectory();

  // Never listens itself: its own door would let any site in the browser read every message.
  const web = createAPIServer({ storage, smtp, cors: { origin: false, credentials: false } });
  await web.registerPlugins();
  await registerUI(web.server, { basePath: '' });
  await web.server.ready();
  const inner = web.server.server;

  async function stopParts(): Promise<void> {
    await web.stop();
    await smtp.stop();
    await storage.close();
  }

  try {
    const door = await openDoor({
      host,
      port,
      log,
      checks: {
        smtp: () => greet(host, smtpPort),
      },
      handler: (request, response) => {
        if (!isForUs(request))
          return sendProblem(response, 403, 'foreign_host', 'This page is for this machine only');
        inner.emit('request', request, response);
      },
      upgrade: (request, socket, head) => {
        if (isForUs(request)) inner.emit('upgrade', request, socket, head);
        else socket.destroy();
      },
    });
    return {
      async stop() {
        // The page holds a web socket open, which ends with the parts.
        await Promise.all([door.close(), stopParts()]);
      },
    };
  } catch (error) {
    await stopParts();
    throw error;
  }
}

/** Connects as a mail program would and waits for the greeting. */
async function greet(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, timeout: 2000 });
  try {
    const [greeting] = (await Promise.race([
      once(socket, 'data'),
      once(socket, 'timeout').then(() => Promise.reject(new Error('no greeting'))),
    ])) as [Buffer];
    if (!greeting.toString().startsWith('220')) throw new Error('no greeting');
  } finally {
    socket.destroy();
  }
}

/** A site that points its own name at this machine, or opens a socket from elsewhere, is turned away. */
function isForUs({ headers }: IncomingMessage): boolean {
  const local = (host: string | undefined) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host ?? '');
  if (!local(headers.host)) return false;
  return headers.origin === undefined || local(URL.parse(headers.origin)?.host);
}
