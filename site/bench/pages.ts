// pnpm bench pages: what somebody with a slow phone on a slow connection waits for, in Chromium: largest contentful paint and
// layout shift of a first visit with nothing cached. The processor is slowed four times, the line is “slow 4G” as Lighthouse
// has it. Medians; `--short` looks once at each page and writes nothing.
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright';
import { rounded, show, spread } from '../../bench/figures.ts';
import { writeTable } from '../../bench/table.ts';
import { startWorld } from '../../bench/world.ts';
import { findChromium } from '../../scripts/testing/chromium.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    visits: { type: 'string' },
    /** A running platform to take instead of one of its own, as `home:port base`. */
    at: { type: 'string' },
  },
});
const VISITS = Number(options.visits ?? (options.short ? 1 : 7));
const LCP_MS = 1_800;
const CLS = 0.02;

/** Bytes a second and milliseconds. */
const slow4G = {
  offline: false,
  latency: 150,
  downloadThroughput: (1.6 * 1_024 * 1_024) / 8,
  uploadThroughput: (750 * 1_024) / 8,
};
const PAGES = {
  home: '/',
  readers: '/readers',
  reader: '/readers/amara-okafor',
  article: '/articles/a-short-history-of-tarot',
};
/** How long a page is watched after it has loaded: what shifts late, shifts. */
const WATCHED_MS = 1_500;

interface Visit {
  lcp_ms: number;
  cls: number;
  /** What the largest is: a word for the table. */
  largest: string;
  kilobytes: number;
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    serviceWorkers: 'block',
  });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await devtools.send('Network.enable');
    await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
    await devtools.send('Network.emulateNetworkConditions', slow4G);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => {
      const seen = { lcp_ms: 0, cls: 0, largest: '' };
      Object.assign(window, { seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { element?: Element })[]) {
          seen.lcp_ms = entry.startTime;
          seen.largest = entry.element?.tagName.toLowerCase() ?? '';
        }
      }).observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
        })[])
          if (!entry.hadRecentInput) seen.cls += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(url, { waitUntil: 'load', timeout: 60_000 });
    await page.waitForTimeout(WATCHED_MS);
    const seen = (await page.evaluate('window.seen')) as Omit<Visit, 'kilobytes'>;
    if (seen.lcp_ms === 0) throw new Error(`${url} painted nothing`);
    return { ...seen, kilobytes: bytes / 1_024 };
  } finally {
    await context.close();
  }
}

const world = await startWorld(options.at);
const browser = await chromium.launch({
  executablePath: findChromium((line) => console.error(line)),
  args: ['--no-sandbox'],
});
try {
  const visits: Record<string, Visit[]> = {};
  // One more before, so that pages are kept as they are for most visitors; in turn, so that a busy moment hits all alike.
  for (let round = -1; round < VISITS; round += 1)
    for (const [name, path] of Object.entries(PAGES)) {
      const seen = await visit(browser, `http://localhost:${world.ports.site}${path}`);
      if (round >= 0) visits[name] = [...(visits[name] ?? []), seen];
    }
  const rows = [
    ['page', `LCP ms (to reach: ${LCP_MS})`, `CLS (to reach: ${CLS})`, 'the largest', 'KB in all'],
    ...Object.entries(visits).map(([name, all]) => [
      name,
      show(spread(all.map(({ lcp_ms }) => lcp_ms)), 0),
      show(spread(all.map(({ cls }) => cls)), 3),
      all.at(-1)?.largest || 'text',
      spread(all.map(({ kilobytes }) => kilobytes)).median.toFixed(0),
    ]),
  ];
  if (options.short) console.log(rows.map((row) => row.join(' | ')).join('\n'));
  else writeTable('pages', 'First visits by a slow phone', rows);
  const worst = (pick: (seen: Visit) => number) =>
    Math.max(...Object.values(visits).map((all) => spread(all.map(pick)).median));
  const [lcp_ms, cls] = [worst(({ lcp_ms }) => lcp_ms), worst(({ cls }) => cls)];
  console.log(
    JSON.stringify({
      bench: 'pages',
      ratios: { lcp_within: rounded(LCP_MS / lcp_ms) },
      figures: { lcp_ms: Math.round(lcp_ms), cls: Math.round(cls * 10_000) / 10_000 },
    }),
  );
} finally {
  await browser.close();
  await world.stop();
}
