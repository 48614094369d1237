import sharp from 'sharp';

export type FileType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif' | 'application/pdf';

export const EXTENSIONS: Record<FileType, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'application/pdf': 'pdf',
};

/** What a picture may unfold to. A file of some kilobytes can hold a picture that no memory does. */
export const MOST_PIXELS = 40_000_000;

/** What a file is by its first bytes, whatever it is called; nothing when it is none of ours. */
export function fileTypeOf(bytes: Uint8Array): FileType | undefined {
  const head = Buffer.from(bytes.subarray(0, 16));
  if (head.subarray(0, 5).toString('latin1') === '%PDF-') return 'application/pdf';
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])))
    return 'image/png';
  const [first, third] = [head.subarray(0, 4).toString('latin1'), head.subarray(8, 12).toString('latin1')];
  if (first === 'RIFF' && third === 'WEBP') return 'image/webp';
  if (head.subarray(4, 8).toString('latin1') === 'ftyp' && (third === 'avif' || third === 'avis'))
    return 'image/avif';
  return undefined;
}

/**
 * Whether a picture can really be read, and is not too large for it. The size stands in its head, so one that unfolds to too much is
 * refused before anything of it is unfolded.
 */
export async function pictureProblem(bytes: Uint8Array): Promise<'broken' | 'too_many_pixels' | undefined> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
    if (width * height > MOST_PIXELS) return 'too_many_pixels';
    await sharp(bytes, { limitInputPixels: MOST_PIXELS, pages: 1 })
      .resize(32, 32, { fit: 'fill' })
      .toBuffer();
    return undefined;
  } catch {
    return 'broken';
  }
}
