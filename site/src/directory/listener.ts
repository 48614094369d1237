import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../server/logger.ts';
import { directoryChannel } from './store.ts';

interface Options {
  url: string;
  log: Logger;
  /** Called when something has changed, and whenever something may have been missed. Must not throw. */
  changed: () => void;
}

const pauseMs = 2_000;

/** Hears on a connection of its own what other nodes were told of the directory. What is missed is only read later. */
export function listenToDirectory({ url, log, changed }: Options): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let current: pg.Client | undefined;

  async function listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'site listener',
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
    });
    current = client;
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    client.on('notification', changed);
    try {
      await client.connect();
      await client.query(`LISTEN ${directoryChannel}`);
      changed();
      await lost;
    } finally {
      current = undefined;
      await client.end().catch(() => {});
    }
  }

  async function keepListening(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await listen();
      } catch (error) {
        log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'could not listen to the directory',
        );
      }
      await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = keepListening();
  return {
    async stop() {
      stopping.abort();
      await current?.end().catch(() => {});
      await done;
    },
  };
}
