/** What we use of it; the types that others publish lag behind. */
declare module 'subset-font' {
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: {
      targetFormat: 'woff2';
      /** Instead of those in `text`. */
      keepAllGlyphs: true;
      /** By axis: one place on it, or a part of it. */
      variationAxes: Record<string, number | { min: number; max: number }>;
    },
  ): Promise<Buffer>;
}
