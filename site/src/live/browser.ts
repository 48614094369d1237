/** The socket and the calls of this page: one of each, however many islands use them. */

import { type Api, createApi, getTicket } from './api.ts';
import { createSocket, type Network, type Socket } from './socket.ts';
import { steadyTicker } from './ticker.ts';

export const api: Api = createApi();

const network: Network = {
  isOnline: () => navigator.onLine,
  changed(listener) {
    addEventListener('online', listener);
    addEventListener('offline', listener);
    return () => {
      removeEventListener('online', listener);
      removeEventListener('offline', listener);
    };
  },
};

let socket: Socket | undefined;

/** Opens the page's socket at its first use. */
export function pageSocket(url: string): Socket {
  socket ??= createSocket({ url, ticket: () => getTicket(api), network, ticker: steadyTicker });
  return socket;
}
