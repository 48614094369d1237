/** The bus over Redis: one connection publishes, one is subscribed. */

import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Backend, BackendEvents } from './bus.ts';

const CHANNEL = 'soulseer:realtime:bus';
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_PAUSE_MS = 3_000;

export function openRedisBus(url: string, events: BackendEvents, log: Logger): Backend {
  const options = {
    connectionName: 'realtime bus',
    connectTimeout: ANSWER_WITHIN_MS,
    keepAlive: 10_000,
    // A message for now is worth nothing later: what can't be sent is refused, and nothing is sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) =>
      Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
  };
  const publisher = new Redis(url, { ...options, commandTimeout: ANSWER_WITHIN_MS });
  const subscriber = new Redis(url, { ...options, autoResubscribe: false });
  for (const connection of [publisher, subscriber])
    connection.on('error', (error: Error) => log.warn({ error: error.message }, 'the bus’s Redis'));

  const publishing = new Promise<void>((resolve) => publisher.once('ready', resolve));
  subscriber.on('message', (_channel, batch) => events.received(batch));
  subscriber.on('ready', () => {
    subscriber
      .subscribe(CHANNEL)
      .then(() => publishing)
      .then(events.listening)
      // Without a subscription the connection is of no use: the next one tries again.
      .catch(() => subscriber.disconnect(true));
  });

  return {
    async send(batch) {
      await publisher.publish(CHANNEL, batch);
    },
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
