// pnpm bench site: how fast pages are, kept and not, in a platform of its own, whose CMS is filled up to 500 readers with
// 50 000 reviews and as many articles (`crowd.ts`), and to fewer and to more, to see how that grows.
//   kept         as most visitors are answered: against Node's `http` that answers the same bytes with the same headers, and
//                against a bare Astro page with the same HTML; a core for the server and one for who asks; rounds in turn. A
//                page is written anew before, not meanwhile.
//   written anew the page is rendered for each request, from what the site has read of the CMS in the last seconds.
//   read anew    everything that the site has read is forgotten before each request.
// Takes less than seven minutes once the programs are built; `--short` about one, and writes nothing.
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import pg from 'pg';
import { ask, hasTaskset } from '../../bench/children.ts';
import { quantile, rounded, show, spread } from '../../bench/figures.ts';
import { writeTable } from '../../bench/table.ts';
import { startWorld } from '../../bench/world.ts';
import { freePortBase } from '../../scripts/testing/platform.ts';
import type { BarePage } from './bare.ts';
import { growTo } from './crowd.ts';
import type { Load, Loaded } from './generator.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    /** A running platform to take instead of one of its own, as `home:port base`; its data grows. */
    at: { type: 'string' },
  },
});
const SHORT = options.short;
const ROUNDS = Number(options.rounds ?? (SHORT ? 2 : 7));
const SIZES = SHORT ? [500] : [50, 500, 5_000];
/** For which something is promised. */
const PROMISED = 500;
const SECONDS = 1;
const CONNECTIONS = 16;
/** How many pages are read anew, at that size and at the others. */
const SAMPLES = SHORT ? 20 : 100;
const FEWER = 30;
/** And how many before, uncounted: a program that has just started compiles as it runs. */
const WARM = SHORT ? 10 : 60;
/** In which a word that something has changed is heard. */
const HEARD_MS = 30;
/** In which a page that has grown old has been written anew. */
const WRITTEN_MS = 200;

const folder = import.meta.dirname;
const PAGES: Record<string, string> = {
  home: '/',
  readers: '/readers',
  reader: '/readers/bench-reader-40',
  article: '/articles/bench-article-40',
};
const HEADERS = { accept: 'text/html', 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'bench' };

/** All threads of a process on one core. */
const pin = (pid: number | undefined, core: number) => {
  if (hasTaskset) execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
};

const median = (values: number[]) => spread(values).median;
const p99 = (values: number[]) => quantile(values, 0.99);

/** One page with its headers, and how long it took in milliseconds. */
async function page(
  port: number,
  url: string,
): Promise<{ response: IncomingMessage; body: Buffer; took: number }> {
  const began = performance.now();
  const [response] = (await once(
    get({ port, host: '127.0.0.1', path: url, headers: HEADERS }),
    'response',
  )) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const took = performance.now() - began;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  return { response, body: Buffer.concat(chunks), took };
}

const ofConnection = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** A kept page as it goes out. */
async function asBare(port: number, at: string): Promise<BarePage> {
  await page(port, at);
  const { response, body } = await page(port, at);
  const headers: string[] = [];
  for (let n = 0; n < response.rawHeaders.length; n += 2) {
    const [name = '', value = ''] = response.rawHeaders.slice(n, n + 2);
    if (!ofConnection.has(name.toLowerCase())) headers.push(name, value);
  }
  return { path: at, headers, body: body.toString('base64') };
}

/** A bare Astro page for each of these, served by its Node adapter. */
async function startAstro(pages: BarePage[], files: string): Promise<{ port: number; child: ChildProcess }> {
  for (const [n, { body }] of pages.entries())
    writeFileSync(path.join(files, `${n}.html`), brotliDecompressSync(Buffer.from(body, 'base64')));
  const root = path.join(folder, 'astro');
  const astro = path.resolve(folder, '../node_modules/.bin/astro');
  execFileSync(astro, ['build', '--root', root], { stdio: 'ignore' });
  const port = await freePortBase(6_400);
  const child = spawn(process.execPath, [path.join(root, 'dist/server/entry.mjs')], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port), BENCH_PAGES: files },
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 100; tries += 1) {
    await pause(100);
    if (await page(port, '/0').catch(() => undefined)) break;
  }
  return { port, child };
}

const world = await startWorld(options.at);
const files = mkdtempSync(path.join(tmpdir(), 'soulseer-bench-pages-'));
const children: ChildProcess[] = [];
const cms = new pg.Client({ connectionString: world.database('cms') });
const site = new pg.Client({ connectionString: world.database('site') });
try {
  await Promise.all([cms.connect(), site.connect()]);
  const { site: port } = world.ports;
  /** As when the CMS publishes something: every page, and all that pages are made of. */
  const forget = async () => {
    await site.query(`SELECT pg_notify('site_directory', 'bench')`);
    await pause(HEARD_MS);
  };
  const loader = fork(path.join(folder, 'generator.ts'));
  children.push(loader);
  pin(loader.pid, 1);
  const load = async (given: Pick<Load, 'port' | 'path'> & Partial<Load>) => {
    const loaded = await ask<Loaded>(loader, {
      connections: CONNECTIONS,
      seconds: SECONDS,
      headers: HEADERS,
      ...given,
    });
    if (loaded.wrong > 0) throw new Error(`${given.path}: ${loaded.wrong} answers were not 200`);
    return loaded;
  };

  // --- not kept, and how that grows ---------------------------------------------------------------------------------------
  const growth: string[][] = [
    [
      'readers',
      'reviews',
      'articles',
      ...Object.keys(PAGES).map((name) => `${name}: read anew, p50 / p99 ms`),
    ],
  ];
  const anew: Record<string, Record<string, number[]>> = {};
  let written: Record<string, Loaded> = {};
  const atPromised: Record<
    string,
    { kept: number[]; http: number[]; astro: number[]; p99: number[]; httpP99: number[] }
  > = {};
  for (const [nth, size] of SIZES.entries()) {
    const there = await growTo(cms, size);
    console.error(`${there.readers} readers, ${there.reviews} reviews, ${there.articles} articles`);
    await forget();
    const times: Record<string, number[]> = {};
    for (let n = nth === 0 ? -WARM : -5; n < (size === PROMISED ? SAMPLES : FEWER); n += 1)
      for (const [name, at] of Object.entries(PAGES)) {
        await forget();
        // By a name of the query that no page knows, so that it is not kept, whatever else is.
        const { took } = await page(port, `${at}?bench=${n}`);
        if (n >= 0) times[name] = [...(times[name] ?? []), took];
      }
    anew[size] = times;
    growth.push([
      String(there.readers),
      String(there.reviews),
      String(there.articles),
      ...Object.values(times).map((all) => `${median(all).toFixed(0)} / ${p99(all).toFixed(0)}`),
    ]);
    console.error(growth.at(-1)?.join(' | '));
    if (size !== PROMISED) continue;

    for (const [name, at] of Object.entries(PAGES))
      written = { ...written, [name]: await load({ port, path: `${at}?bench=1`, connections: 4 }) };

    // --- kept ---------------------------------------------------------------------------------------------------------------
    pin(world.pids().site, 0);
    const bare = fork(path.join(folder, 'bare.ts'));
    children.push(bare);
    pin(bare.pid, 0);
    const pages: BarePage[] = [];
    for (const at of Object.values(PAGES)) pages.push(await asBare(port, at));
    const barePort = await ask<number>(bare, pages);
    const astro = await startAstro(pages, files);
    children.push(astro.child);
    pin(astro.child.pid, 0);
    for (let round = -1; round < ROUNDS; round += 1)
      for (const [n, [name, at]] of Object.entries(PAGES).entries()) {
        const contenders = {
          kept: async () => {
            // An old one is written anew behind the first request, at most every ten seconds: not within this one.
            await page(port, at);
            await pause(WRITTEN_MS);
            return load({ port, path: at });
          },
          http: () => load({ port: barePort, path: at }),
          astro: () => load({ port: astro.port, path: `/${n}` }),
        };
        const results: Partial<Record<keyof typeof contenders, Loaded>> = {};
        for (const who of Object.keys(contenders).toSorted(
          () => Math.random() - 0.5,
        ) as (keyof typeof contenders)[])
          results[who] = await contenders[who]();
        if (round < 0) continue;
        const seen = atPromised[name] ?? { kept: [], http: [], astro: [], p99: [], httpP99: [] };
        atPromised[name] = seen;
        for (const who of ['kept', 'http', 'astro'] as const) seen[who].push(results[who]?.per_second ?? 0);
        seen.p99.push(results.kept?.p99_ms ?? 0);
        seen.httpP99.push(results.http?.p99_ms ?? 0);
      }
  }

  const ratios = (name: string) => {
    const { kept = [], http = [], astro = [] } = atPromised[name] ?? {};
    return {
      http: kept.map((value, n) => value / (http[n] ?? 1)),
      astro: kept.map((value, n) => value / (astro[n] ?? 1)),
    };
  };
  const rows = [
    [
      'page',
      'kept /s',
      'p99 ms',
      'bare http /s',
      'p99 ms',
      'kept ÷ http',
      'bare Astro /s',
      'kept ÷ Astro',
      'written anew /s',
      'p99 ms',
      'read anew p50 ms',
      'p99 ms',
    ],
    ...Object.keys(PAGES).map((name) => {
      const seen = atPromised[name] ?? { kept: [], http: [], astro: [], p99: [], httpP99: [] };
      const all = anew[PROMISED]?.[name] ?? [];
      return [
        name,
        show(spread(seen.kept), 0),
        median(seen.p99).toFixed(1),
        show(spread(seen.http), 0),
        median(seen.httpP99).toFixed(1),
        show(spread(ratios(name).http)),
        show(spread(seen.astro), 0),
        show(spread(ratios(name).astro), 1),
        (written[name]?.per_second ?? 0).toFixed(0),
        (written[name]?.p99_ms ?? 0).toFixed(0),
        median(all).toFixed(0),
        p99(all).toFixed(0),
      ];
    }),
  ];
  if (SHORT) console.log([...rows, ...growth].map((row) => row.join(' | ')).join('\n'));
  else {
    writeTable('site', `The site’s pages, with ${PROMISED} readers and 50 000 reviews`, rows);
    writeTable('site growth', 'The site’s pages, with fewer and more readers, reviews and articles', growth);
  }
  const [least = 0, most = 0] = [SIZES.at(-2), SIZES.at(-1)].map((size) => size ?? 0);
  const slower = (name: string) => median(anew[most]?.[name] ?? []) / median(anew[least]?.[name] ?? []);
  console.log(
    JSON.stringify({
      bench: 'site',
      ratios: {
        cached_vs_http: rounded(median(Object.keys(PAGES).flatMap((name) => ratios(name).http))),
        cached_vs_astro: rounded(median(Object.keys(PAGES).flatMap((name) => ratios(name).astro))),
        ...(SIZES.length > 1 && {
          readers_tenfold: rounded(slower('readers')),
          reader_tenfold: rounded(slower('reader')),
        }),
      },
      figures: {
        uncached_p99_ms: rounded(Math.max(...Object.values(anew[PROMISED] ?? {}).map(p99))),
        written_anew_p99_ms: rounded(Math.max(...Object.values(written).map((one) => one.p99_ms))),
      },
    }),
  );
} finally {
  for (const child of children) child.kill();
  await Promise.all([cms.end(), site.end()]);
  rmSync(files, { recursive: true, force: true });
  await world.stop();
}
