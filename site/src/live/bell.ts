/**
 * A second bell, over Agora's RTM, in a room that Agora carries. It says that there is something to look at, and never what: the
 * truth is read from realtime, as ever (decision 13). Who hears our own socket needs no bell; who has lost it doesn't have to
 * wait for the next look. The room is whole without it, so what fails here is said in the console and goes no further.
 */

import type { RTMClient, RTMEvents } from 'agora-rtm';
import type { AgoraToken } from './media/agora.ts';

const rings = ['look', 'typing'] as const;
export type Ring = (typeof rings)[number];

export interface Bell {
  /** Rings at the other side, if it can. */
  ring(what: Ring): void;
  renew(token: AgoraToken): Promise<void>;
  stop(): Promise<void>;
}

/** Agora's library, as far as it is used here. */
export interface RtmLibrary {
  RTM: new (
    appId: string,
    userId: string,
  ) => Pick<RTMClient, 'addEventListener' | 'login' | 'logout' | 'publish' | 'renewToken' | 'subscribe'>;
}

export interface BellOptions {
  token: AgoraToken;
  heard: (what: Ring) => void;
  load?: () => Promise<RtmLibrary>;
}

const loadLibrary = async (): Promise<RtmLibrary> => (await import('agora-rtm')).default;

/** What a message of the channel rings: one word, and nothing else is heard. */
const ringOf = ({ message, publisher }: RTMEvents.MessageEvent, account: string): Ring | undefined =>
  publisher === account ? undefined : rings.find((ring) => ring === message);

export function createBell({ token, heard, load = loadLibrary }: BellOptions): Bell {
  const { app_id, account, channel, rtm_token } = token;
  let stopped = false;
  const failed = (error: unknown) => {
    if (!stopped) console.warn('Agora’s RTM', error);
  };

  async function start() {
    const { RTM } = await load();
    if (stopped) return undefined;
    const client = new RTM(app_id, account);
    client.addEventListener('message', (event) => {
      const what = ringOf(event, account);
      if (what && !stopped) heard(what);
    });
    await client.login({ token: rtm_token });
    await client.subscribe(channel, { withMessage: true, withPresence: false });
    return client;
  }
  const client = start().catch((error: unknown) => {
    failed(error);
    return undefined;
  });

  return {
    ring(what) {
      void client.then((there) => (stopped ? undefined : there?.publish(channel, what))).catch(failed);
    },
    async renew(next) {
      await (await client)?.renewToken(next.rtm_token).catch(failed);
    },
    async stop() {
      stopped = true;
      await (await client)?.logout().catch(() => undefined);
    },
  };
}
