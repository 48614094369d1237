/**
 * Our own refusals on their way into the audit log: noted without waiting, written every second, and bounded, so that
 * somebody who knocks a million times fills neither the disk nor the log. What is left out is counted in one row a minute.
 */

import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { AuditEvent } from '../../contract/audit.ts';
import type { Denial } from '../access.ts';
import type { Clock } from '../clock.ts';
import { networkOf } from '../identity/address.ts';
import type { Audit } from './audit.ts';

const MINUTE_MS = 60_000;
/** Rows a minute from one address, and in all, by each process. */
export const MOST_OF_ADDRESS = 20;
export const MOST_IN_ALL = 200;
/** What may wait while the database is away. */
const MOST_WAITING = 2 * MOST_IN_ALL;

export interface Refusals {
  /** Notes that somebody was turned away. Never throws, never waits. */
  denied(request: FastifyRequest, denial: Denial): void;
  /** Writes what was noted; what can't be written now is written next time. */
  flush(): Promise<void>;
}

export function createRefusals({ audit, clock }: { audit: Audit; clock: Clock }): Refusals {
  let minute = 0;
  let inAll = 0;
  let leftOut = 0;
  /** Bounded by the limit in all: who comes after that is not looked at. */
  let ofNetwork = new Map<string, number>();
  /** Ids are given here, so that what is written twice is there once. */
  let waiting: { event_id: string; event: AuditEvent }[] = [];

  function wait(event: Omit<AuditEvent, 'outcome'>): void {
    waiting.push({ event_id: randomUUID(), event: { ...event, outcome: 'refused' } });
  }

  /** Begins a new minute when it is time, and says of the last one how many are not in the log. */
  function turn(): void {
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now === minute) return;
    if (leftOut > 0)
      wait({
        at_ms: minute * MINUTE_MS,
        actor_person_id: null,
        action: 'access.refused_more',
        subject: null,
        reason: 'too many to keep each',
        address: null,
        details: { times: leftOut },
      });
    minute = now;
    inAll = 0;
    leftOut = 0;
    ofNetwork = new Map();
  }

  return {
    denied(request, { status, code, person_id }) {
      // That we can't say who somebody is, or who comes too often, is no refusal of theirs.
      if (status !== 401 && status !== 403) return;
      turn();
      const network = networkOf(request.ip);
      const before = ofNetwork.get(network) ?? 0;
      if (before >= MOST_OF_ADDRESS || inAll >= MOST_IN_ALL || waiting.length >= MOST_WAITING) {
        leftOut += 1;
        return;
      }
      ofNetwork.set(network, before + 1);
      inAll += 1;
      wait({
        at_ms: clock.now(),
        actor_person_id: person_id ?? null,
        action: 'access.refused',
        // The pattern of the route, never the address: that could hold anything.
        subject: `${request.method} ${request.routeOptions.url ?? 'unknown'}`.slice(0, 200),
        reason: code,
        // A proxy passes on what it was told, which may be anything.
        address: isIP(request.ip) ? request.ip.slice(0, 64) : null,
        details: { request_id: request.id },
      });
    },

    async flush() {
      turn();
      for (let first = waiting[0]; first; first = waiting[0]) {
        await audit.keep(first.event_id, 'realtime', first.event);
        waiting = waiting.slice(1);
      }
    },
  };
}
