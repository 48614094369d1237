import { readFile } from 'node:fs/promises';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it, vi } from 'vitest';
import { createLogger } from '../src/server/logger.ts';
import { type Card, ownCard, shareHref, shareSize, signCard } from '../src/share/card.ts';
import { draw, night } from '../src/share/draw.ts';
import { fitted } from '../src/share/fitted.ts';
import { createSharePictures } from '../src/share/pictures.ts';
import { signs } from '../src/text/horoscopes.ts';
import { startUpstream } from './helpers/upstream.ts';

const log = createLogger('silent', { write() {}, flush() {} });
const reader: Card = {
  kind: 'readers',
  slug: 'amara-okafor',
  kicker: 'Tarot',
  title: 'Amara Okafor',
  line: 'Without hurry',
  rating: { average: '4.5', reviews: '2 reviews' },
  picture: null,
  sign: null,
};
const size = async (jpeg: Buffer) => {
  expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff');
  const { width, height } = await loadImage(jpeg);
  return { width, height };
};

describe('what a picture says', () => {
  const frame = { width: 100, height: 30, leading: 1, sizes: [20, 10] };
  /** Each UTF-16 unit half as wide as it is high. */
  const measure = (text: string, size: number) => (text.length * size) / 2;

  it('is as large as it can be, in lines broken at spaces', () => {
    expect(fitted('ten letter', frame, measure)).toEqual({ size: 20, lines: ['ten letter'] });
    expect(fitted('one two three four', frame, measure)).toEqual({ size: 10, lines: ['one two three four'] });
  });

  it('ends with … where it does not fit, within the frame, however long it is and whatever it is of', () => {
    for (const text of [
      'word '.repeat(5_000),
      'x'.repeat(100_000),
      'ع'.repeat(5_000),
      '\ud83d'.repeat(900),
    ]) {
      const { size, lines } = fitted(text, frame, measure);
      expect(lines).toHaveLength(3);
      expect(lines.at(-1)).toMatch(/…$/);
      for (const line of lines) expect(measure(line, size)).toBeLessThanOrEqual(100);
    }
  });

  it('has no signs that turn what follows around, no line breaks, no emoji, and nothing broken in two', () => {
    expect(fitted('a\u202e\nb\u0000 🔮👩‍🚀 \u2067c', { ...frame, width: 1e4 }, measure).lines).toEqual([
      'a b c',
    ]);
    expect(fitted(' \n ', frame, measure).lines).toEqual([]);
    const { lines } = fitted('e\u0301'.repeat(100), frame, measure);
    for (const line of lines) expect(line).not.toMatch(/^\u0301/);
  });
});

describe('drawing', () => {
  it('uses the colours of the tokens’ night', async () => {
    const tokens = await readFile(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
    for (const [name, colour] of Object.entries(night))
      expect([name, new RegExp(`--${name}: light-dark\\(#\\w+, (#\\w+)\\)`).exec(tokens)?.[1]]).toEqual([
        name,
        colour,
      ]);
  });

  it('gives a picture of 1200 × 630 of whatever is written, each of its own', async () => {
    const words = [
      '<script>alert(1)</script> & "x"',
      'مرحبا بالعالم',
      '日本語の名前',
      'x'.repeat(10_000),
      '',
    ];
    const cards = [
      ownCard('home'),
      ...signs.map(signCard),
      ...words.map((title) => ({ ...reader, title, kicker: title, line: title })),
    ];
    const seen = new Set<string>();
    for (const card of cards) {
      const jpeg = await draw(card, null);
      expect(await size(jpeg)).toEqual(shareSize);
      seen.add(jpeg.toString('base64'));
    }
    expect(seen.size).toBe(cards.length);
  });
});

describe('pictures to share', () => {
  const png = createCanvas(40, 50).toBuffer('image/png');

  async function withMedia(
    use: (parts: {
      at: (path: string) => Card;
      pictures: ReturnType<typeof createSharePictures>;
      asked: string[];
    }) => Promise<void>,
  ) {
    const asked: string[] = [];
    await using media = await startUpstream((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/large') for (let i = 0; i < 9; i += 1) response.write(Buffer.alloc(1024 * 1024));
      response.end(request.url === '/text' ? 'not a picture' : png);
    });
    await use({
      asked,
      at: (path) => ({ ...reader, picture: { src: `${media.url}${path}`, width: 40, height: 50 } }),
      pictures: createSharePictures({ mediaUrl: media.url, log }),
    });
  }

  it('are drawn once for all who ask at the same time, and then kept', () =>
    withMedia(async ({ at, pictures, asked }) => {
      const all = await Promise.all(Array.from({ length: 20 }, () => pictures.of(at('/portrait'))));
      expect(new Set(all).size).toBe(1);
      expect(all[0]?.lacking).toBe(false);
      expect(await pictures.of(at('/portrait'))).toBe(all[0]);
      expect(asked).toEqual(['/portrait']);
    }));

  it('lack what can’t be read, and are not kept then', () =>
    withMedia(async ({ at, pictures, asked }) => {
      for (const path of ['/text', '/large']) {
        const picture = await pictures.of(at(path));
        expect([path, picture?.lacking, await size(picture?.jpeg as Buffer)]).toEqual([
          path,
          true,
          shareSize,
        ]);
        await pictures.of(at(path));
      }
      expect(asked).toEqual(['/text', '/text', '/large', '/large']);
    }));

  it('are made of nothing that lies elsewhere, nor of more pixels than a picture needs', () =>
    withMedia(async ({ at, pictures, asked }) => {
      const elsewhere = { src: 'http://169.254.169.254/latest', width: 1, height: 1 };
      expect((await pictures.of({ ...reader, picture: elsewhere }))?.lacking).toBe(true);
      const { picture } = at('/vast');
      expect(
        (await pictures.of({ ...reader, picture: picture && { ...picture, width: 50_000, height: 50_000 } }))
          ?.lacking,
      ).toBe(true);
      expect(asked).toEqual([]);
    }));

  it('are refused while too many wait, and drawn again afterwards', async () => {
    const pictures = createSharePictures({ mediaUrl: 'http://media.test', log });
    const cards = Array.from({ length: 60 }, (_, index) => ({ ...reader, title: `Reader ${index}` }));
    const drawn = await Promise.all(cards.map((card) => pictures.of(card)));
    expect(drawn.filter((one) => one === undefined)).toHaveLength(20);
    await vi.waitFor(async () => expect(await pictures.of(cards.at(-1) as Card)).toBeDefined());
  });

  it('have another address for another content, and the same for the same', () => {
    expect(shareHref(reader)).toMatch(/^\/share\/readers\/amara-okafor\/[0-9a-f]{16}\.jpg$/);
    expect(shareHref({ ...reader })).toBe(shareHref(reader));
    expect(shareHref({ ...reader, rating: null })).not.toBe(shareHref(reader));
  });
});
