import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';

/** The two widths at which every page is looked at. */
export const WIDTHS = [390, 1280] as const;

const SCREENSHOTS = path.join(process.env.SOULSEER_HOME ?? '', 'screenshots');

/** A real Chromium; as root it runs without its sandbox, which Chromium asks for. `more` are arguments of its own. */
export function openBrowser(more: string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set: run this through npm test');
  return chromium.launch({
    executablePath,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...more,
    ],
  });
}

/** Keeps how a page looks at each width, for whoever wants to see; `show` is a selector of what is to be seen of it. */
export async function keepScreenshots(page: Page, name: string, show?: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    if (show) await page.locator(show).first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${width}.png`) });
  }
}

/** Errors that a page threw or logged while `work` ran. */
export async function errorsDuring(context: BrowserContext, work: () => Promise<void>): Promise<string[]> {
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(error.error().message));
  await work();
  return errors;
}
