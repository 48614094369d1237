/** What the programs cost while it lasts: their memory, and how late they charge. */

import { readFileSync } from 'node:fs';

export interface Sample {
  at_ms: number;
  /** Of each program, in MB. */
  memory: Record<string, number>;
}

/** Resident memory of each program of the platform, as the system tells it. */
export function sampleMemory(pids: Record<string, number>): Sample {
  const memory: Record<string, number> = {};
  for (const [name, pid] of Object.entries(pids)) {
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    memory[name] = Number(rss) / 1_024;
  }
  return { at_ms: Date.now(), memory };
}

/** Least squares: how much a program grew in a minute, in MB. */
export function slopeOf(samples: readonly Sample[], name: string): number {
  const points = samples.flatMap(({ at_ms, memory }) =>
    memory[name] === undefined ? [] : [{ x: at_ms / 60_000, y: memory[name] }],
  );
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  const under = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return under === 0 ? 0 : over / under;
}

/** Buckets of a histogram of realtime's: how many observations there were up to each bound, in seconds. */
export async function histogram(metrics: string, name: string): Promise<Map<number, number>> {
  const text = await (await fetch(metrics)).text();
  const buckets = new Map<number, number>();
  for (const [, bound, count] of text.matchAll(
    new RegExp(`^${name}_bucket\\{.*?le="([^"]+)".*?\\} (\\d+)`, 'gm'),
  )) {
    const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + Number(count));
  }
  return buckets;
}

/** The bound below which a share `q` of what came between two readings lies. */
export function boundOf(
  before: Map<number, number>,
  after: Map<number, number>,
  q: number,
): { bound: number; count: number } {
  const between = [...after].map(([bound, count]) => ({ bound, count: count - (before.get(bound) ?? 0) }));
  const count = between.at(-1)?.count ?? 0;
  return { bound: between.find((one) => one.count >= q * count)?.bound ?? Number.POSITIVE_INFINITY, count };
}
