/**
 * One session by the pure rules, from a seed: heartbeats that get lost, ticks that come late, twice or not at all, a clock that
 * steps, nodes that crash. The truth is kept apart: the milliseconds in which both were there. Answers what is wrong, or nothing.
 */

import {
  activeAt,
  chargeActiveMs,
  dueActiveMs,
  minutesToGiveBack,
  nextAtMs,
  owedMinutes,
} from '../../src/billing/rules.ts';

const HEARTBEAT = 5_000;
const LOST_AFTER = 15_000;

/** A small generator of numbers that a seed decides (mulberry32). */
export function random(seed: number): () => number {
  let state = (seed + 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function simulate(seed: number): string | undefined {
  const next = random(seed);
  const chance = (p: number) => next() < p;
  const upTo = (n: number) => Math.floor(next() * n);
  const faults = seed % 4 !== 0;
  const money = chance(0.3) ? 3 + upTo(6) : 1_000;

  // What a database would hold: it survives every crash.
  const meter = {
    active_ms: 0,
    running_since_ms: null as number | null,
    paid: 0,
    next: Number.POSITIVE_INFINITY,
  };
  const charges: { minute: number; due: number }[] = [];
  const written = new Set<number>();
  let ended = false;
  let ranOut = false;
  let lateWhenOut = false;
  let lastTick = 0;

  const tick = (now: number) => {
    if (meter.running_since_ms === null || meter.next > now) return;
    const wanted = owedMinutes(activeAt(meter, now)) - meter.paid;
    const able = Math.min(wanted, money - meter.paid);
    for (let i = 1; i <= able; i += 1) {
      const minute = meter.paid + i;
      if (written.has(minute)) throw new Error(`minute ${minute} twice`);
      written.add(minute);
      charges.push({ minute, due: dueActiveMs(minute) });
    }
    meter.paid += Math.max(0, able);
    if (able < wanted) {
      meter.active_ms = dueActiveMs(meter.paid + 1);
      meter.running_since_ms = null;
      meter.next = Number.POSITIVE_INFINITY;
      ended = true;
      ranOut = true;
      lateWhenOut = now - lastTick > 1_000;
    } else {
      meter.next = meter.running_since_ms + chargeActiveMs(meter.paid + 1) - meter.active_ms;
    }
    lastTick = now;
  };
  const start = (now: number) => {
    meter.running_since_ms = now;
    meter.next = nextAtMs(meter.active_ms, now, meter.paid);
  };
  const halt = (until: number) => {
    tick(until);
    if (meter.running_since_ms === null) return;
    meter.active_ms = activeAt(meter, until);
    meter.running_since_ms = null;
    meter.next = Number.POSITIVE_INFINITY;
  };

  let now = 1_000_000 + upTo(1_000);
  let truth = 0;
  const stretches = 1 + upTo(6);
  for (let stretch = 0; stretch < stretches && !ended; stretch += 1) {
    const began = now;
    start(now);
    lastTick = now;
    const length = upTo(chance(0.2) ? 30_000 : 260_000);
    const lost = faults && chance(0.5);
    // The last heartbeats before the loss; without one the end is an act of somebody, at its own moment.
    const until = lost ? began + Math.floor(length / HEARTBEAT) * HEARTBEAT : began + length;
    const noticed = lost ? until + LOST_AFTER + upTo(2_000) + (chance(0.1) ? upTo(60_000) : 0) : until;
    for (let at = began; at < noticed && !ended; ) {
      at += faults && chance(0.05) ? upTo(90_000) : 200 + upTo(1_000);
      if (at >= noticed) break;
      if (faults && chance(0.05)) continue;
      // A clock that was set back asks for a moment that was there already.
      tick(faults && chance(0.02) ? at - upTo(5_000) : at);
      if (faults && chance(0.1)) tick(at);
      lastTick = at;
    }
    if (!ended) halt(until);
    truth += until - began;
    if (ended) truth = Math.min(truth, Math.max(truth, meter.active_ms));
    now = noticed + upTo(290_000);
  }

  const back = minutesToGiveBack(meter.paid, meter.active_ms);
  const kept = meter.paid - back.length;
  const owed = owedMinutes(meter.active_ms);
  if (charges.length !== meter.paid) return `${charges.length} charges, ${meter.paid} paid`;
  if (charges.some(({ minute }, index) => minute !== index + 1)) return 'minutes out of order';
  if (kept > owed) return `kept ${kept} of ${owed} owed`;
  if (back.some((minute, index) => minute !== meter.paid - index)) return 'not the last first';
  if (!ranOut && kept !== owed) return `kept ${kept}, owed ${owed}, money was there`;
  if (!ranOut && meter.active_ms !== truth) return `active ${meter.active_ms}, truly ${truth}`;
  if (!faults && kept !== owed && !(ranOut && lateWhenOut) && meter.active_ms !== dueActiveMs(1))
    return `without faults ${kept} of ${owed}`;
  if (!faults && back.length > 0) return 'given back without a fault';
  return undefined;
}
