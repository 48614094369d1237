import { type Image, loadImage } from '@napi-rs/canvas';
import type { Logger } from '../server/logger.ts';
import { type Card, shareHref } from './card.ts';
import { draw } from './draw.ts';

export interface SharePicture {
  jpeg: Buffer;
  /** Without the portrait or cover that belongs there, since it couldn’t be read: not to be kept. */
  lacking: boolean;
}

export interface SharePictures {
  /** The picture of a card, drawn once and kept; nothing while too many others wait to be drawn. */
  of(card: Card): Promise<SharePicture | undefined>;
}

/** Of some 60 kB each. */
const mostKept = 200;
/** Each takes some 100 ms of a processor: with more waiting, it is better to come again. */
const mostWaiting = 40;
const mostImageBytes = 8 * 1024 * 1024;
const mostPixels = 16_000_000;
const imageWithinMs = 3_000;

/** Draws one picture after the other, so that pages don’t feel it. */
export function createSharePictures({ mediaUrl, log }: { mediaUrl: string; log: Logger }): SharePictures {
  const media = new URL(mediaUrl).origin;
  const kept = new Map<string, SharePicture>();
  const underway = new Map<string, Promise<SharePicture>>();
  let last: Promise<unknown> = Promise.resolve();

  async function imageOf(picture: NonNullable<Card['picture']>): Promise<Image | null> {
    if (new URL(picture.src).origin !== media || picture.width * picture.height > mostPixels) return null;
    try {
      const answer = await fetch(picture.src, {
        signal: AbortSignal.timeout(imageWithinMs),
        redirect: 'error',
      });
      const bytes = answer.ok ? await upTo(mostImageBytes, answer) : null;
      return bytes && (await loadImage(bytes));
    } catch (error) {
      log.warn({ err: error, src: picture.src }, 'a picture to share lacks its image');
      return null;
    }
  }

  async function drawn(card: Card): Promise<SharePicture> {
    const image = card.picture && (await imageOf(card.picture));
    return { jpeg: await draw(card, image), lacking: card.picture !== null && image === null };
  }

  return {
    async of(card) {
      const key = shareHref(card);
      const present = kept.get(key);
      if (present) {
        // To the end: the first one is the one unasked for longest.
        kept.delete(key);
        kept.set(key, present);
        return present;
      }
      const already = underway.get(key);
      if (already) return already;
      if (underway.size >= mostWaiting) return undefined;
      const drawing = last
        .then(() => drawn(card))
        .then((picture) => {
          if (picture.lacking) return picture;
          kept.set(key, picture);
          const oldest = kept.keys().next();
          if (kept.size > mostKept && !oldest.done) kept.delete(oldest.value);
          return picture;
        })
        .finally(() => underway.delete(key));
      underway.set(key, drawing);
      last = drawing.catch(() => {}); // told to whoever asked
      return drawing;
    },
  };
}

/** The whole body, or null when there is more of it. */
async function upTo(most: number, answer: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
