import { type Browser, chromium } from 'playwright';

/** A real Chromium: the one that the tests were given, or Playwright's own. `more` are arguments of its own. */
export function openChromium(more: string[] = []): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env;
  return chromium.launch({
    ...(CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : {}),
    args: ['--no-sandbox', ...more],
  });
}
