import { mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { Failure } from './failure.ts';
import type { Ports } from './layout.ts';

const FREE_BYTES_TO_RUN = 1_500_000_000;

/** Whether somebody listens on a port of this machine already. */
export async function isTaken(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const server = createServer();
      server.once('error', resolve);
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
    if (error?.code === 'EADDRINUSE') return true; // A machine without IPv6 answers otherwise: nothing is taken there.
  }
  return false;
}

/** Refuses to begin when a port is in use, naming every one and the mend. */
export async function checkPorts(ports: Ports, base: number): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if (await isTaken(port)) taken.push(`${port} (${name})`);
  }
  if (taken.length === 0) return;
  throw new Failure(
    `Port ${taken.join(', ')} is in use by another program: stop that one, or choose other ports, for example ` +
      `SOULSEER_PORT_BASE=${base + 1_000 > 65_500 ? 5_320 : base + 1_000} npm start`,
  );
}

/** Refuses to begin when the disk has too little room for the data. */
export function checkDisk(home: string, needed = FREE_BYTES_TO_RUN): void {
  mkdirSync(home, { recursive: true });
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new Failure(
    `The disk is nearly full: ${(free / 1e9).toFixed(1)} GB free under ${home}, ${(needed / 1e9).toFixed(1)} GB are needed. Free some space, then run this again.`,
  );
}
