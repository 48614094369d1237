/**
 * What the nodes tell each other. A message may be lost while a connection is down, so whoever depends on one also sweeps;
 * `onRestored` says when that may have been.
 */

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { openPostgresBus } from './bus-postgres.ts';
import { openRedisBus } from './bus-redis.ts';

/** Largest message as JSON, in characters. */
export const MOST_BUS_MESSAGE = 256 * 1024;
/** What one round trip carries at most, in messages and in characters of JSON. */
const MOST_IN_A_BATCH = 1_000;
const MOST_CHARACTERS_IN_A_BATCH = 1024 * 1024;
/** Messages that may wait for a slow backend before more are refused. */
const MOST_WAITING = 20_000;

export interface Bus {
  /**
   * Gives `message` (what JSON can say) to every subscriber of `topic`: to those of this process at once, whatever happens
   * beyond it, to the other nodes in the order of publishing. Resolves when the backend has it. Rejects when the message is
   * larger than 256 Ki characters (then nobody gets it), or when the other nodes can't be told.
   */
  publish(topic: string, message: unknown): Promise<void>;
  /** Calls `handler` with each message of `topic`; answers what ends that. What a handler throws is logged. */
  subscribe(topic: string, handler: (message: unknown) => void): () => void;
  /** Calls `handler` whenever the connection stands again and the other nodes' messages may have been missed. */
  onRestored(handler: () => void): () => void;
  /** Resolves when messages of other nodes come in. */
  connected(): Promise<void>;
  /** What was published before is sent, then the connections are closed. */
  close(): Promise<void>;
}

/** A message on its way: which node says it, and the messages as JSON. */
export interface Backend {
  /** Sends to all nodes, this one included, in one round trip. */
  send(batch: string): Promise<void>;
  close(): Promise<void>;
}

export interface BackendEvents {
  /** A batch that some node has sent. */
  received: (batch: string) => void;
  /** What is sent from now on comes in. */
  listening: () => void;
}

interface Waiting {
  text: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Over Redis when there is a `redisUrl`, else over LISTEN and NOTIFY of the database. Connects by itself, again and again. */
export function createBus({
  databaseUrl,
  redisUrl,
  log,
}: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  log: Logger;
}): Bus {
  const node = randomUUID();
  const handlers = new Map<string, Set<(message: unknown) => void>>();
  const restored = new Set<() => void>();
  const listening = Promise.withResolvers<void>();
  let waiting: Waiting[] = [];
  let sending: Promise<void> | undefined;
  let closed = false;

  const events: BackendEvents = {
    received(batch) {
      const { node: from, messages } = JSON.parse(batch) as { node: string; messages: [string, unknown][] };
      // Our own subscribers were told when it was published.
      if (from === node) return;
      for (const [topic, message] of messages) deliver(topic, message);
    },
    listening() {
      listening.resolve();
      for (const handler of restored) attempt(handler, 'bus restored');
    },
  };
  const backend = redisUrl ? openRedisBus(redisUrl, events, log) : openPostgresBus(databaseUrl, events, log);

  function deliver(topic: string, message: unknown): void {
    for (const handler of handlers.get(topic) ?? []) attempt(() => handler(message), topic);
  }

  function attempt(work: () => void, topic: string): void {
    try {
      work();
    } catch (error) {
      log.error({ err: error, topic }, 'a subscriber of the bus failed');
    }
  }

  /** One round trip at a time; what is published meanwhile goes together with the next. */
  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      let count = 0;
      let characters = 0;
      do {
        characters += waiting[count]?.text.length ?? 0;
        count += 1;
      } while (count < Math.min(waiting.length, MOST_IN_A_BATCH) && characters < MOST_CHARACTERS_IN_A_BATCH);
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      try {
        await backend.send(`{"node":"${node}","messages":[${batch.map(({ text }) => text).join(',')}]}`);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    sending = undefined;
  }

  return {
    async publish(topic, message) {
      if (closed) throw new Error('the bus is closed');
      const text = JSON.stringify([topic, message]);
      if (text.length > MOST_BUS_MESSAGE)
        throw new Error(`a message of ${text.length} characters on "${topic}" is too large for the bus`);
      // As the other nodes get it: a copy, by way of JSON.
      deliver(topic, (JSON.parse(text) as [string, unknown])[1]);
      if (waiting.length >= MOST_WAITING) throw new Error('the bus is too far behind to take more');
      await new Promise<void>((resolve, reject) => {
        waiting.push({ text, resolve, reject });
        sending ??= Promise.resolve().then(sendAll);
      });
    },
    subscribe(topic, handler) {
      const set = handlers.get(topic) ?? new Set();
      handlers.set(topic, set.add(handler));
      return () => {
        set.delete(handler);
        if (set.size === 0 && handlers.get(topic) === set) handlers.delete(topic);
      };
    },
    onRestored(handler) {
      restored.add(handler);
      return () => restored.delete(handler);
    },
    connected: () => listening.promise,
    async close() {
      closed = true;
      await sending;
      await backend.close();
    },
  };
}
