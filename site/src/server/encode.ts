import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const encodings = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof encodings)[number];

/** A page as it goes over the line. */
export const encode: Record<Encoding, (body: Buffer) => Promise<Buffer>> = {
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body) => promisify(gzip)(body, { level: 6 }),
  identity: async (body) => body,
};

/** By what browsers write there, which is always the same few words. */
const understood = new Map<string, Encoding>();
const mostUnderstood = 100;

/** The best of what an `Accept-Encoding` header takes. */
export function encodingFor(accepted = ''): Encoding {
  const before = understood.get(accepted);
  if (before) return before;
  const names = accepted
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
    .map((one) => one.split(';', 1)[0]);
  const found = encodings.find((one) => names.includes(one)) ?? 'identity';
  if (understood.size >= mostUnderstood) understood.clear();
  understood.set(accepted, found);
  return found;
}
