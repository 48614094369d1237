// pnpm bench start: how long a first and a second `npm start` take, from a fresh clone with no node_modules, no
// .soulseer and a package store of its own. Each is measured from the command to the site's first page and to "ready".
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { portsFrom, ROOT } from '../scripts/platform/layout.ts';
import { freePortBase, launch } from '../scripts/testing/platform.ts';
import { spread } from './figures.ts';
import { writeTable } from './table.ts';

const { values: options } = parseArgs({ options: { starts: { type: 'string', default: '5' } } });
const SECOND_STARTS = Number(options.starts);

interface Timing {
  siteSeconds: number;
  readySeconds: number;
}

async function measure(clone: string, base: number, env: Record<string, string>): Promise<Timing> {
  const began = performance.now();
  const since = () => (performance.now() - began) / 1_000;
  const platform = launch([], env, undefined, clone);
  const site = `http://localhost:${portsFrom(base).site}/`;
  let siteSeconds = 0;
  const watch = setInterval(async () => {
    if (siteSeconds > 0) return;
    const answered = await fetch(site).then(
      (response) => response.status > 0,
      () => false,
    );
    if (answered && siteSeconds === 0) siteSeconds = since();
  }, 100);
  try {
    await platform.ready;
    return { siteSeconds, readySeconds: since() };
  } finally {
    clearInterval(watch);
    await platform.interrupt();
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'soulseer-bench-'));
try {
  const clone = path.join(folder, 'soulseer');
  execFileSync('git', ['clone', '--quiet', ROOT, clone]);
  const store = path.join(folder, 'store');
  const base = await freePortBase(6_000);
  const env = {
    SOULSEER_PORT_BASE: String(base),
    SOULSEER_HOME: '',
    pnpm_config_store_dir: store,
    npm_config_cache: path.join(folder, 'cache'),
  };
  const first = await measure(clone, base, env);
  if (!existsSync(store))
    throw new Error('pnpm used another store than the empty one: the first start is no first start');
  const seconds: Timing[] = [];
  for (let n = 0; n < SECOND_STARTS; n += 1) seconds.push(await measure(clone, base, env));
  const second = {
    siteSeconds: spread(seconds.map(({ siteSeconds }) => siteSeconds)).median,
    readySeconds: spread(seconds.map(({ readySeconds }) => readySeconds)).median,
  };
  const range = (pick: (timing: Timing) => number) => {
    const { min, max } = spread(seconds.map(pick));
    return `${min.toFixed(1)}–${max.toFixed(1)}`;
  };
  writeTable('start', 'Starting the platform', [
    ['', 'site answers', 'all ready'],
    [
      'first start, fresh clone, empty caches',
      `${first.siteSeconds.toFixed(1)} s`,
      `${first.readySeconds.toFixed(1)} s`,
    ],
    [
      `second start, median of ${SECOND_STARTS} (min–max)`,
      `${second.siteSeconds.toFixed(1)} s (${range((timing) => timing.siteSeconds)})`,
      `${second.readySeconds.toFixed(1)} s (${range((timing) => timing.readySeconds)})`,
    ],
  ]);
  console.log(
    JSON.stringify({
      bench: 'start',
      ratios: { first_vs_second: first.readySeconds / second.readySeconds },
      figures: {
        first_site_seconds: first.siteSeconds,
        first_ready_seconds: first.readySeconds,
        second_site_seconds: second.siteSeconds,
        second_ready_seconds: second.readySeconds,
      },
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
