import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChromium } from '../helpers/chromium.ts';

// What people meet, in a real browser against the running platform with its demo world.

const { TEST_SITE_URL } = process.env;
if (!TEST_SITE_URL)
  throw new Error('TEST_SITE_URL is missing: the address of a running site with the demo world');
const site = new URL(TEST_SITE_URL).origin;

let browser: Browser;

beforeAll(async () => {
  browser = await openChromium();
});

afterAll(() => browser?.close());

const widths = [390, 1280] as const;
const themes = ['light', 'dark'] as const;

/** A page that keeps account of everything that goes wrong on it. */
async function open<T>(
  path: string,
  options: BrowserContextOptions,
  use: (page: Page, faults: string[]) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ baseURL: site, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    // A refused policy is told here too.
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await page.goto(path, { waitUntil: 'load' });
    return await use(page, faults);
  } finally {
    await context.close();
  }
}

const sized = (width: number, theme: 'light' | 'dark' = 'light'): BrowserContextOptions => ({
  viewport: { width, height: 860 },
  colorScheme: theme,
  isMobile: width < 500,
  hasTouch: width < 500,
});

/** Brings every lazy picture into view, and waits until all have come. */
async function seeEverything(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const picture of document.images) {
      picture.loading = 'eager';
      await picture.decode();
    }
  });
}

const ground = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.body.parentElement as Element).backgroundColor);
const paper = 'rgb(246, 239, 224)';
const night = 'rgb(17, 16, 42)';

const pages = [
  ['home', '/'],
  ['the directory', '/readers'],
  ['the directory, narrowed to nobody', '/readers?modality=chat&speciality=mediumship&language=ja'],
  ['a reader', '/readers/amara-okafor'],
  ['articles', '/articles'],
  ['an article', '/articles/the-longest-night'],
  ['guides', '/guides'],
  ['horoscopes', '/horoscopes'],
  ['a horoscope', '/horoscopes/leo'],
  ['a guide', '/guides/what-tarot-is'],
  ['questions and answers', '/faq'],
  ['a page of plain words', '/refunds'],
  ['no connection', '/offline'],
] as const;

/** Each page at each width, in one theme or the other by turns; the deep tier looks at all. */
const looks = pages.flatMap(([name, path], page) =>
  widths.flatMap((width, at) =>
    themes
      .filter((_, theme) => process.env.SOULSEER_TESTS === 'deep' || theme === (page + at) % 2)
      .map((theme) => ({ name, path, width, theme })),
  ),
);

describe('a page', () => {
  it.each(looks)(
    'is whole and open to everybody: $name at $width pixels, $theme',
    async ({ path, width, theme }) => {
      await open(path, sized(width, theme), async (page, faults) => {
        await seeEverything(page);
        expect(faults).toEqual([]);

        const sideways = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(sideways).toBeLessThanOrEqual(0);

        expect(await ground(page)).toBe(theme === 'light' ? paper : night);
        expect(await page.locator('h1').count()).toBe(1);

        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
          .analyze();
        expect(
          violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
          ),
        ).toEqual([]);
      });
    },
  );
});

describe.each([
  ['a page that is not there', '/nowhere', 404],
  ['a query with a wrong value', '/readers?page=none', 400],
])('%s', (_, path, status) => {
  it('is a page that helps on, within the policy', async () => {
    await open('about:blank', sized(390), async (page, faults) => {
      const response = await page.goto(`${site}${path}`);
      expect(response?.status()).toBe(status);
      expect(await page.locator('main a[href="/readers"]').count()).toBe(1);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze();
      expect(violations).toEqual([]);
      // The browser itself notes the status in its console; nothing else may be there.
      expect(faults.filter((fault) => !fault.includes(`status of ${status}`))).toEqual([]);
    });
  });
});

describe('pictures', () => {
  it('keep their place while they come, and say what they show', async () => {
    await open('/readers/amara-okafor', sized(1280), async (page) => {
      const picture = page.locator('main img').first();
      expect(Number(await picture.getAttribute('width'))).toBeGreaterThan(0);
      expect(Number(await picture.getAttribute('height'))).toBeGreaterThan(0);
      expect((await picture.getAttribute('alt'))?.length).toBeGreaterThan(10);
      await seeEverything(page);
      expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(200);
    });
  });
});

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('filters %s', (_, javaScriptEnabled) => {
  it('narrow the directory, can be taken away one by one, and keep the address short', async () => {
    await open('/readers', { ...sized(1280), javaScriptEnabled }, async (page) => {
      const count = async () => Number((await page.locator('#found').textContent())?.match(/\d+/)?.[0]);
      const everybody = await count();
      expect(everybody).toBeGreaterThanOrEqual(24);

      await page.getByLabel('Speciality').selectOption('tarot');
      await page.getByRole('radio', { name: 'Chat' }).check();
      await page.getByRole('button', { name: 'Show readers' }).click();
      await page.waitForURL(/speciality=tarot/);
      const search = new URL(page.url()).searchParams;
      expect(search.get('modality')).toBe('chat');
      if (javaScriptEnabled) expect([...search.keys()].sort()).toEqual(['modality', 'speciality']);
      const narrowed = await count();
      expect(narrowed).toBeGreaterThan(0);
      expect(narrowed).toBeLessThan(everybody);
      for (const specialities of await page.locator('.card .specialities').allInnerTexts())
        expect(specialities).toMatch(/tarot/i);
      expect(await page.getByLabel('Speciality').inputValue()).toBe('tarot');

      await page.getByRole('link', { name: 'Remove Chat' }).click();
      await page.waitForURL((url) => !url.searchParams.has('modality'));
      expect(await count()).toBeGreaterThanOrEqual(narrowed);
      await page.getByRole('link', { name: 'Clear all' }).click();
      await page.waitForURL(`${site}/readers`);
      expect(await count()).toBe(everybody);
    });
  });

  it('sort by price, page by page, without losing anybody', async () => {
    await open('/readers?sort=price', { ...sized(1280), javaScriptEnabled }, async (page) => {
      const names: string[] = [];
      const prices: number[] = [];
      const total = Number((await page.locator('#found').textContent())?.match(/\d+/)?.[0]);
      for (;;) {
        names.push(...(await page.locator('.card .name').allInnerTexts()));
        prices.push(
          ...(await page.locator('.card .price strong').allInnerTexts()).map((price) =>
            Number(price.slice(1)),
          ),
        );
        const next = page.getByRole('link', { name: 'Next' });
        if ((await next.count()) === 0) break;
        const before = page.url();
        await next.click();
        await page.waitForURL((url) => url.href !== before);
      }
      expect(new Set(names).size).toBe(total);
      expect(prices).toEqual([...prices].sort((a, b) => a - b));
    });
  });
});

describe('the theme', () => {
  it('is the system’s until somebody chooses, and the choice is remembered', async () => {
    await open('/', sized(390), async (page, faults) => {
      expect(await ground(page)).toBe(paper);
      const toggle = page.getByRole('button', { name: 'Night theme' });
      await toggle.click();
      expect(await ground(page)).toBe(night);
      expect(await toggle.getAttribute('aria-pressed')).toBe('true');

      await page.goto(`${site}/readers`);
      expect(await ground(page)).toBe(night);
      await page.getByRole('button', { name: 'Night theme' }).click();
      await page.reload();
      expect(await ground(page)).toBe(paper);
      expect(faults).toEqual([]);
    });
  });

  it('is not offered where it can’t work', async () => {
    await open('/', { ...sized(390, 'dark'), javaScriptEnabled: false }, async (page) => {
      expect(await ground(page)).toBe(night);
      expect(await page.locator('[data-theme-toggle]').isVisible()).toBe(false);
    });
  });
});

describe('by keyboard', () => {
  it('the first stop skips to the content', async () => {
    await open('/readers', sized(1280), async (page) => {
      await page.keyboard.press('Tab');
      const skip = page.getByRole('link', { name: 'Skip to the content' });
      expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
      expect(await skip.evaluate((link) => link.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    });
  });

  it('every stop can be seen', async () => {
    await open('/readers', sized(1280), async (page) => {
      for (let stop = 0; stop < 20; stop += 1) {
        await page.keyboard.press('Tab');
        const seen = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          const shown = [getComputedStyle(element), getComputedStyle(element, '::after')];
          if (element.nextElementSibling) shown.push(getComputedStyle(element.nextElementSibling));
          return (
            shown.some(
              (style) => style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
            ) || element.outerHTML
          );
        });
        expect(seen).toBe(true);
      }
    });
  });
});

describe('touch', () => {
  it.each(['/', '/readers', '/readers/amara-okafor'])('has room for a finger on %s', async (path) => {
    await open(path, sized(390), async (page) => {
      const small = await page.evaluate(() =>
        [
          ...document.querySelectorAll<HTMLElement>(
            'header a, header button, nav a, .button, select, .options label, .chosen a',
          ),
        ]
          .filter((element) => element.checkVisibility())
          .map((element) => ({
            text: element.textContent || element.ariaLabel,
            height: element.getBoundingClientRect().height,
          }))
          .filter(({ height }) => height < 44),
      );
      expect(small).toEqual([]);
    });
  });
});

describe('the estimate on a reader’s page', () => {
  it('counts with the reader’s own rates, and stands there without JavaScript too', async () => {
    await open('/readers/amara-okafor', sized(1280), async (page, faults) => {
      const sum = page.locator('output');
      await sum.scrollIntoViewIfNeeded();
      await expect.poll(() => page.locator('astro-island[ssr]').count()).toBe(0);
      const before = await sum.textContent();
      await page.getByLabel('Time together').focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => sum.textContent()).not.toBe(before);
      expect(faults).toEqual([]);
    });
    await open('/readers/amara-okafor', { ...sized(1280), javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('output').textContent()).toMatch(/^\$\d+\.\d\d$/);
    });
  });
});

describe('the weight of a page', () => {
  it('stays within 150 KB of HTML, CSS and JavaScript on the home page, as sent', async () => {
    const context = await browser.newContext(sized(390));
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    const kinds = new Map<string, string>();
    let bytes = 0;
    devtools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (['Document', 'Stylesheet', 'Script'].includes(kinds.get(requestId) ?? ''))
        bytes += encodedDataLength;
    });
    await page.goto(`${site}/`, { waitUntil: 'networkidle' });
    await context.close();
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(150_000);
  });
});

describe('a policy that is broken', () => {
  it('is refused by the browser', async () => {
    await open('/', sized(1280), async (page, faults) => {
      await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.broken = true';
        document.head.append(script);
      });
      expect(await page.evaluate(() => 'broken' in window)).toBe(false);
      await expect.poll(() => faults.some((fault) => fault.includes('Content Security Policy'))).toBe(true);
    });
  });
});
