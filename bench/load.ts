// pnpm bench load: a platform of its own takes 300 readings at once (600 sockets with heartbeats and
// chat), 50 visitors and 5 top-ups a minute, for ten minutes, by the doors that people have; money for the readings comes by
// the shop's door. Then all is ended, and each wallet, each session and the whole ledger has to be right to the cent.
// `--sessions=20 --minutes=1` while one works on it; only the whole is written down.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Ports, ROOT } from '../scripts/platform/layout.ts';
import { quantile } from './figures.ts';
import { createPublisher, inTurns, payIn, signUp, staff } from './load/people.ts';
import { beginReading, type Measures } from './load/reading.ts';
import { topUp, type Visits, visit } from './load/visitors.ts';
import { boundOf, histogram, type Sample, sampleMemory, slopeOf } from './load/watch.ts';
import { writeTable } from './table.ts';
import { startWorld } from './world.ts';

const WHOLE = { sessions: 300, minutes: 10, visitors: 50, top_ups: 5 };
const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: String(WHOLE.sessions) },
    minutes: { type: 'string', default: String(WHOLE.minutes) },
  },
});
const sessions = Number(options.sessions);
const minutes = Number(options.minutes);
const isWhole = sessions === WHOLE.sessions && minutes === WHOLE.minutes;
const MONEY_CENTS = 50_000;
const TOP_UP_DOLLARS = 20;
const SAMPLE_MS = 10_000;
/** What is promised: of charges the 99th, of the API's answers the 95th of a hundred. */
const LATE_S = 1;
const API_MS = 200;
/** What a machine of two cores makes at once. */
const AT_ONCE = 4;
/** Programs that stand for the outside world are not what is measured. */
const PROGRAMS = ['site', 'cms', 'commerce', 'realtime'];

const began = performance.now();
const tell = (text: string) =>
  console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${text}`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const world = await startWorld(undefined);
const at = (name: keyof Ports) => `http://localhost:${world.ports[name]}`;
const addresses = { site: at('site'), cms: at('cms'), realtime: at('realtime') };
const metrics = `http://127.0.0.1:${world.ports.realtime}/metrics`;
tell('the platform is ready');

try {
  const names = (what: string) => Array.from({ length: sessions }, (_, n) => `${what} ${n + 1}`);
  const clients = await inTurns(names('Client'), AT_ONCE, (name) => signUp(addresses, name));
  const people = await inTurns(names('Reader'), AT_ONCE, (name) => signUp(addresses, name));
  tell(`${2 * sessions} people have signed in`);
  const publish = await createPublisher(addresses, await staff(addresses));
  const readers = await inTurns(people, AT_ONCE, publish);
  await inTurns(clients, AT_ONCE, ({ person_id }) =>
    payIn(addresses, world.secrets.service_key_commerce_to_realtime, person_id, MONEY_CENTS),
  );
  tell(`${sessions} of them are readers, the others have money`);

  const measures: Measures = { api: [], lines: [], unheard: 0, lost: 0, failed: [] };
  const readings = await inTurns(clients, AT_ONCE, async (client, n) => {
    const reader = readers[n];
    if (!reader) throw new Error('there are as many readers as clients');
    // Long ago, by presence’s clock.
    await reader.window.ask('PUT', `${addresses.site}/api/readers/me/presence`, { status: 'online' });
    return beginReading(addresses, client, reader, measures);
  });
  tell(`${sessions} readings have begun`);

  // From here on it is measured.
  measures.api.length = 0;
  measures.lines.length = 0;
  const lateBefore = await histogram(metrics, 'billing_lateness_seconds');
  const visits: Visits = { pages: [], failed: [] };
  const topUps: number[] = [];
  const bought = new Map<string, number>();
  const samples: Sample[] = [];
  const end = Date.now() + minutes * 60_000;
  const isOver = () => Date.now() >= end;
  const visitors = Array.from({ length: WHOLE.visitors }, () => visit(addresses, visits, isOver));
  const buyers = (async () => {
    for (let n = 0; !isOver(); n += 1) {
      const client = clients[(n * 7) % clients.length];
      if (client) {
        const took = await topUp(addresses, client, TOP_UP_DOLLARS).catch((error: Error) => {
          measures.failed.push(`a top-up: ${error.message}`);
          return undefined;
        });
        if (took !== undefined) {
          topUps.push(took);
          bought.set(client.person_id, (bought.get(client.person_id) ?? 0) + TOP_UP_DOLLARS * 100);
        }
      }
      await pause(Math.max(0, Math.min(60_000 / WHOLE.top_ups, end - Date.now())));
    }
  })();
  const watching = (async () => {
    while (!isOver()) {
      samples.push(sampleMemory(world.pids()));
      await pause(SAMPLE_MS);
      if (samples.length % 6 === 0)
        tell(
          `API p95 ${quantile(measures.api, 0.95).toFixed(0)} ms of ${measures.api.length}, pages p95 ${quantile(visits.pages, 0.95).toFixed(0)} ms of ${visits.pages.length}, ${topUps.length} top-ups`,
        );
    }
  })();
  await Promise.all([...visitors, buyers, watching]);
  const late = boundOf(lateBefore, await histogram(metrics, 'billing_lateness_seconds'), 0.99);
  tell('the time is over');

  // What each has to have paid, by the session's own account and by the wallet's.
  const wrong: string[] = [];
  let charged = 0;
  await inTurns(readings, AT_ONCE, async (reading, n) => {
    const view = await reading.end(n % 2 === 0 ? 'client' : 'reader');
    const { summary, rate_cents, id } = view;
    const owed = summary ? (summary.active_ms < 10_000 ? 0 : Math.ceil(summary.active_ms / 60_000)) : -1;
    charged += summary?.charged_minutes ?? 0;
    if (
      summary?.owed_minutes !== owed ||
      summary.charged_minutes !== owed ||
      summary.paid_cents !== owed * rate_cents
    )
      wrong.push(`${id}: ${JSON.stringify(summary)} at ${rate_cents}`);
    if (summary && summary.reader_cents + summary.platform_cents !== summary.paid_cents)
      wrong.push(`${id}: the parts are not the whole`);
    const { balance_cents } = await reading.client.window.ask<{ balance_cents: number }>(
      'GET',
      `${addresses.site}/api/wallet`,
    );
    const left = MONEY_CENTS + (bought.get(reading.client.person_id) ?? 0) - owed * rate_cents;
    if (balance_cents !== left) wrong.push(`${id}: ${balance_cents} cents are left instead of ${left}`);
  });
  const verified = spawnSync(process.execPath, [path.join(ROOT, 'scripts/soulseer.ts'), 'verify-ledger'], {
    cwd: ROOT,
    env: { ...process.env, ...world.env },
    encoding: 'utf8',
  });
  tell(verified.stdout.trim() || verified.stderr.trim());
  if (verified.status !== 0) wrong.push('the ledger is not proven');

  for (const line of [...wrong, ...measures.failed, ...visits.failed].slice(0, 20)) tell(`✗ ${line}`);
  const failed = measures.failed.length + visits.failed.length;
  const ms = (values: number[], q: number) => `${quantile(values, q).toFixed(0)} ms`;
  const settled = samples.slice(Math.floor(samples.length / 4));
  const memory = PROGRAMS.map((name) => {
    const [first, last] = [samples[0]?.memory[name] ?? 0, samples.at(-1)?.memory[name] ?? 0];
    return `${name} ${first.toFixed(0)} → ${last.toFixed(0)} MB, ${slopeOf(settled, name).toFixed(1)} a minute`;
  });
  const rows = [
    [`${sessions} readings, ${2 * sessions} sockets, ${WHOLE.visitors} visitors, ${minutes} minutes`, ''],
    ['a minute is charged late by, p99', `at most ${late.bound} s (${late.count} charges)`],
    [
      'answers of the API, p50 and p95',
      `${ms(measures.api, 0.5)}, ${ms(measures.api, 0.95)} (${measures.api.length})`,
    ],
    [
      'a line is heard at the other end, p50 and p95',
      `${ms(measures.lines, 0.5)}, ${ms(measures.lines, 0.95)} (${measures.lines.length})`,
    ],
    [
      'a visitor’s page, p50 and p95',
      `${ms(visits.pages, 0.5)}, ${ms(visits.pages, 0.95)} (${visits.pages.length})`,
    ],
    [
      'a top-up, from the wallet and back, median',
      `${(quantile(topUps, 0.5) / 1_000).toFixed(1)} s (${topUps.length})`,
    ],
    ['memory at first and at the end; slope of the last three quarters', memory.join('; ')],
    ['sockets lost, lines unheard, requests that failed', `${measures.lost}, ${measures.unheard}, ${failed}`],
    ['minutes charged; sessions and wallets that are not right to the cent', `${charged}; ${wrong.length}`],
    [
      'the ledger',
      verified.status === 0 ? (verified.stdout.trim().split('\n').at(-1) ?? '') : '**not proven**',
    ],
  ];
  if (isWhole) writeTable('load', 'Load: three hundred readings at once', rows);
  else console.log(rows.map((cells) => cells.join(': ')).join('\n'));
  console.log(
    JSON.stringify({
      bench: 'load',
      ratios: { lines_vs_api_p95: quantile(measures.lines, 0.95) / quantile(measures.api, 0.95) },
      figures: {
        late_p99_s: late.bound,
        api_p95_ms: quantile(measures.api, 0.95),
        pages_p95_ms: quantile(visits.pages, 0.95),
        lines_p95_ms: quantile(measures.lines, 0.95),
        ...Object.fromEntries(PROGRAMS.map((name) => [`${name}_mb_a_minute`, slopeOf(settled, name)])),
        lost: measures.lost,
        unheard: measures.unheard,
        failed,
        wrong: wrong.length,
      },
    }),
  );
  const missed = [
    wrong.length > 0 && 'money is wrong',
    measures.lost + measures.unheard + failed > 0 && 'something was lost',
    late.bound > LATE_S && `a charge in a hundred is later than ${LATE_S} s`,
    quantile(measures.api, 0.95) > API_MS && `an answer in twenty takes longer than ${API_MS} ms`,
  ].filter(Boolean);
  if (missed.length > 0) {
    console.error(`Not as promised: ${missed.join('; ')}.`);
    process.exitCode = 1;
  }
} finally {
  await world.stop();
}
process.exit();
