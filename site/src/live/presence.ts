/** A reader's word that they are there. It holds for 90 s, so it is said again while a page of theirs is open. */

import type { ReaderStatus } from 'realtime/contract';
import type { Answer, Api } from './api.ts';
import { steadyTicker, type Ticker } from './ticker.ts';

export type Wish = 'online' | 'away' | 'offline';

export interface OwnPresence {
  status: ReaderStatus;
  wish: Wish;
  until_ms: number;
  queue_length: number;
}

export const presencePath = '/api/readers/me/presence';
export const sayAgainMs = 30_000;

export const sayPresence = (api: Api, status: Wish): Promise<Answer<OwnPresence>> =>
  api<OwnPresence>('PUT', presencePath, { body: { status } });

/** Goes on saying what was said last, unless that is offline; gives the end of it. */
export const keepOnline = (api: Api, ticker: Ticker = steadyTicker): (() => void) =>
  ticker(sayAgainMs, () => {
    void api<OwnPresence>('GET', presencePath).then((answer) => {
      if (answer.ok && answer.value.wish !== 'offline' && answer.value.status !== 'offline')
        void sayPresence(api, answer.value.wish);
    });
  });
