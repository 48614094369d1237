import path from 'node:path';
import { Failure } from './failure.ts';

/** Where the checkout is. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Where data, builds, logs and secrets of this platform live; `SOULSEER_HOME` moves it. */
export const HOME = path.resolve(ROOT, process.env.SOULSEER_HOME || '.soulseer');

/** What `--fresh` throws away: databases, stored files, mail. Pictures, builds and secrets stay. */
export const DATA = path.join(HOME, 'data');
export const BUILDS = path.join(HOME, 'builds');
export const LOGS = path.join(HOME, 'logs');
export const WORLD = path.join(HOME, 'world');

const DEFAULT_PORT_BASE = 4320;

/** The base of all ports, from `SOULSEER_PORT_BASE`. Throws with the mend when it isn't a usable number. */
export function portBase(text = process.env.SOULSEER_PORT_BASE): number {
  if (text === undefined || text === '') return DEFAULT_PORT_BASE;
  const base = Number(text);
  if (!Number.isInteger(base) || base < 1024 || base > 65_500) {
    throw new Failure(`SOULSEER_PORT_BASE is “${text}”: give a whole number from 1024 to 65500.`);
  }
  return base;
}

/** Every port of the platform, by what listens there. */
export function portsFrom(base: number) {
  return {
    site: base + 1,
    cms: base + 2,
    commerce: base + 3,
    realtime: base + 4,
    identity: base + 5,
    payments: base + 6,
    storage: base + 7,
    mail: base + 8,
    postgres: base + 9,
    smtp: base + 10,
    media: base + 12,
  };
}

export type Ports = ReturnType<typeof portsFrom>;
