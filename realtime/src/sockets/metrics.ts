/** What Prometheus is told of sockets. */

import { Counter, Gauge, type Registry } from 'prom-client';

export interface SocketMetrics {
  open: Gauge;
  closed: Counter<'reason'>;
  received: Counter<'type'>;
  refused: Counter<'code'>;
}

export function createSocketMetrics(registry: Registry): SocketMetrics {
  const registers = [registry];
  return {
    open: new Gauge({ name: 'sockets_open', help: 'Sockets that are open', registers }),
    closed: new Counter({
      name: 'sockets_closed_total',
      help: 'Sockets that ended, by the reason for which we closed them, or by the client',
      labelNames: ['reason'],
      registers,
    }),
    received: new Counter({
      name: 'socket_messages_received_total',
      help: 'Messages of clients that were understood, by type',
      labelNames: ['type'],
      registers,
    }),
    refused: new Counter({
      name: 'socket_messages_refused_total',
      help: 'Messages of clients that were left out, by why',
      labelNames: ['code'],
      registers,
    }),
  };
}
