// `npm run demo`: the main job on a running platform, told step by step. Two real browser windows, the real payment page,
// sockets and tokens; it comes in by the doors that people have, and by no other.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createClient } from './demo/client.ts';
import { createReader } from './demo/reader.ts';
import { createStory, money } from './demo/story.ts';
import { complaintOf, Failure } from './platform/failure.ts';
import { HOME, portBase, portsFrom, ROOT } from './platform/layout.ts';
import { findChromium } from './testing/chromium.ts';

const { values: options } = parseArgs({
  options: {
    /** With the windows to be seen. */
    show: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '2' },
  },
});
const PICTURES = path.join(HOME, 'demo');
const TOP_UP_CENTS = 2_500;

/** What the operator's command says, or fails with it. */
function soulseer(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(ROOT, 'scripts/soulseer.ts'), ...args],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Failure(`soulseer ${args[0]}: ${stdout}${stderr}`);
  return stdout.trim();
}

async function main(): Promise<void> {
  const minutes = Number(options.minutes);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 5)
    throw new Failure(`--minutes is “${options.minutes}”: give a whole number from 1 to 5.`);
  const ports = portsFrom(portBase());
  const site = `http://localhost:${ports.site}`;
  const isReady = (name: 'site' | 'realtime' | 'commerce' | 'cms') =>
    fetch(`http://127.0.0.1:${ports[name]}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const name of ['site', 'realtime', 'commerce', 'cms'] as const) {
    if (!(await isReady(name)))
      throw new Failure(
        `${name} isn’t answering at port ${ports[name]}: run npm start first, in another terminal.`,
      );
  }

  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  const story = createStory(PICTURES);
  const browser = await chromium.launch({
    executablePath: findChromium((line) => story.fact(line)),
    headless: !options.show,
    args: [
      '--use-fake-device-for-media-stream=fps=10',
      '--use-fake-ui-for-media-stream',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  try {
    const client = await createClient(browser, site, story);
    const reader = await createReader(browser, site, story);

    await story.step('A new client makes an account', () => client.signUp());
    await story.step('A reader signs in and goes online', () => reader.goOnline());
    await story.step('The client finds the reader', () => client.find(reader.name, reader.slug));
    await story.step('The wallet is filled by card', () => client.topUp(TOP_UP_CENTS));
    const id = await story.step('The client asks for a reading by video', () => client.ask(reader.slug));
    await story.step('The reader accepts', () => reader.accept(id));
    await story.step('Both are in the room, seeing and hearing each other', async () => {
      await client.meet();
      await reader.meet();
    });
    await story.step('They write to each other', async () => {
      await client.say('Good evening. What do you see?');
      await reader.hear('Good evening. What do you see?');
      await reader.say('A journey, and somebody who asks the right questions.');
      await client.hear('A journey, and somebody who asks the right questions.');
    });
    await story.step('The wallet pays each minute as it begins', () => client.pay(minutes));
    await story.step('The client ends the reading', () => client.end());
    const receipt = await story.step('The client holds a receipt, checked in the browser', () =>
      client.receipt(),
    );
    await story.step('The reader has earned 70 %', () => reader.earned(id));
    await story.step('The receipt is checked offline', async () => {
      const [file, keys] = [path.join(PICTURES, 'receipt.json'), path.join(PICTURES, 'receipt-keys.json')];
      writeFileSync(file, receipt);
      writeFileSync(keys, await (await fetch(`${site}/.well-known/receipt-keys.json`)).text());
      story.fact(soulseer('verify-receipt', file, keys));
      // One cent less, and it is no receipt any more.
      const forged = path.join(PICTURES, 'receipt-forged.json');
      writeFileSync(
        forged,
        readFileSync(file, 'utf8').replace(/"amount_cents":\s*(\d+)/, '"amount_cents":1'),
      );
      try {
        soulseer('verify-receipt', forged, keys);
      } catch (refused) {
        story.fact(
          `One figure changed: ${complaintOf(refused)
            .split('\n')[0]
            ?.replace(/^.*?: /, '')}`,
        );
        return;
      }
      throw new Failure('a forged receipt was taken for genuine');
    });
    await story.step('What moved in the wallet', () => client.movements());
    await story.step('The whole ledger is proven', async () => story.fact(soulseer('verify-ledger')));
    story.end(
      `From ${money(0)} to a reading to a receipt. The pictures are in ${path.relative(process.cwd(), PICTURES)}.`,
    );
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  console.error(`\n✗ ${complaintOf(error)}`);
  process.exit(1);
});
