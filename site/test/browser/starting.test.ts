import { AxeBuilder } from '@axe-core/playwright';
import { expect, it } from 'vitest';
import { copyBuild, runSite } from '../helpers/built-site.ts';
import { openChromium } from '../helpers/chromium.ts';
import { answerAsCms } from '../helpers/cms-answers.ts';
import { identityEnvironment } from '../helpers/platform.ts';
import { startUpstream } from '../helpers/upstream.ts';

// A CMS that can be started when the test wants it: so not the platform's own.

/** The built site over this CMS, and a browser to look at it with. */
async function openSite(cmsUrl: string) {
  const build = await copyBuild();
  const site = await runSite(build.main, {
    ...identityEnvironment,
    SOULSEER_ENV: 'development',
    PORT: '0',
    SITE_URL: 'http://soulseer.test',
    CMS_URL: cmsUrl,
    COMMERCE_URL: cmsUrl,
    REALTIME_URL: cmsUrl,
    MEDIA_URL: 'http://media.example.test',
  });
  const browser = await openChromium();
  return {
    url: site.url,
    browser,
    async [Symbol.asyncDispose]() {
      await browser.close();
      await site.stop('SIGTERM');
      await build[Symbol.asyncDispose]();
    },
  };
}

it('a page whose part is ready and yet can’t be read looks more and more seldom, without reloading', async () => {
  let readable = false;
  await using cms = await startUpstream((request, response) => {
    if (readable || request.url === '/ready') return answerAsCms(request, response);
    response.writeHead(500).end('{}');
  });
  await using site = await openSite(cms.url);
  const page = await site.browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/readers') asked.push(request.method());
  });
  await page.goto(`${site.url}/readers`);
  expect(await page.locator('h1').textContent()).toBe('The readers’ directory could not be read just now');
  // Pauses of 1.5, 3 and 6 seconds.
  await page.waitForTimeout(7_500);
  expect(asked).toEqual(['GET', 'HEAD', 'HEAD']);

  readable = true;
  await page.locator('.card').first().waitFor({ timeout: 10_000 });
  expect(asked).toEqual(['GET', 'HEAD', 'HEAD', 'HEAD', 'GET']);
});

it('a page whose part is still starting says so, and opens by itself when it is there', async () => {
  let ready = false;
  await using cms = await startUpstream((request, response) => {
    if (ready) return answerAsCms(request, response);
    response.writeHead(503).end('{"status":"not_ready"}');
  });
  await using site = await openSite(cms.url);
  const context = await site.browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const response = await page.goto(`${site.url}/readers?modality=video`);
  expect(response?.status()).toBe(503);
  expect(await page.locator('h1').textContent()).toBe('The readers’ directory is starting');
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations).toEqual([]);
  expect(faults.filter((fault) => !fault.includes('status of 503'))).toEqual([]);

  ready = true;
  await page.locator('.card').first().waitFor({ timeout: 10_000 });
  expect(page.url()).toBe(`${site.url}/readers?modality=video`);
  expect(await page.locator('.card .name').allInnerTexts()).toEqual(['Amara Okafor']);
});
