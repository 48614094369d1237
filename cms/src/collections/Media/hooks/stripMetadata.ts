import { APIError, type CollectionBeforeOperationHook, FileUploadError } from 'payload';
import sharp, { type Sharp } from 'sharp';
import { MOST_PIXELS } from '../../../applications/fileTypes.ts';

/** Good enough to be kept as the original; effort 2 because AVIF's default takes many times as long. */
const WRITE: Partial<Record<string, (picture: Sharp) => Sharp>> = {
  jpeg: (picture) => picture.jpeg({ quality: 90 }),
  png: (picture) => picture.png(),
  webp: (picture) => picture.webp({ quality: 90 }),
  heif: (picture) => picture.avif({ quality: 70, effort: 2 }),
};

/**
 * Everybody can read an original, and a camera writes into it when and where it was taken: a picture that says such
 * things is written anew without them, turned as they said. Any other stays as it is, byte for byte.
 */
export const stripMetadata: CollectionBeforeOperationHook = async ({ operation, overrideAccess, req }) => {
  const { file } = req;
  if ((operation !== 'create' && operation !== 'update') || !file) return;
  // This runs before access is decided, so strangers are not worked for.
  if (!overrideAccess && !req.user) return;
  const animated = file.mimetype === 'image/webp';
  // What is no picture is refused by Payload's own check, which comes next.
  const told = await sharp(file.data, { animated, limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  // The size stands in a picture's head, so one that unfolds to too much is refused before anything of it is unfolded.
  if (told && told.width * told.height > MOST_PIXELS)
    throw new APIError(
      'That picture is too large to work with: 40 megapixels are the most.',
      400,
      null,
      true,
    );
  const picture = sharp(file.data, { animated, limitInputPixels: MOST_PIXELS });
  const write = told && WRITE[told.format];
  if (!write || !(told.exif || told.xmp || told.iptc)) return;
  try {
    const data = await write(picture.autoOrient().keepIccProfile()).toBuffer();
    req.file = { ...file, data, size: data.length };
  } catch (error) {
    req.payload.logger.warn({ err: error }, 'a picture could not be written without its metadata');
    throw new FileUploadError(req.t);
  }
};
