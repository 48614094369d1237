// scratch, never committed
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright';
import { startPlatform } from './helpers/platform.ts';
const { states } = await import(process.env.STATES as string);
const out = process.env.OUT as string;
mkdirSync(out, { recursive: true });
const platform = await startPlatform();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const list = await states(platform);
  const cookies = new Map<string, string>();
  for (const { name, persona, path, before, act } of list) {
    await before?.();
    if (persona && !cookies.has(persona)) {
      const { visitor } = await platform.signIn(persona);
      cookies.set(persona, visitor.jar(platform.url).get('soulseer') ?? '');
    }
    for (const width of [390, 1280])
      for (const theme of ['light', 'dark'] as const) {
        const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme: theme, deviceScaleFactor: 1 });
        if (persona) await context.addCookies([{ name: 'soulseer', value: cookies.get(persona) ?? '', url: platform.url }]);
        const page = await context.newPage();
        const faults: string[] = [];
        page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) faults.push(m.text()); });
        page.on('pageerror', (e) => faults.push(e.message));
        const to = typeof path === 'function' ? await path() : path;
        await page.goto(platform.url + to, { waitUntil: 'load' });
        await act?.(page);
        const { violations } = (width === 390) !== (theme === 'light') ? { violations: [] as any[] } : await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        const bad = [...violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), ...faults.filter((f) => !/example\.test|ERR_NAME/.test(f)), ...(sideways > 0 ? [`sideways ${sideways}`] : [])];
        if (bad.length) console.log(name, width, theme, bad);
        await page.screenshot({ path: `${out}/${name}-${width}-${theme}.png`, fullPage: true });
        await context.close();
      }
  }
  console.log('done', list.length);
} finally {
  await browser.close();
  await platform[Symbol.asyncDispose]();
}
