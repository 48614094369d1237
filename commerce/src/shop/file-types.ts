/** What may be sold as a file, by its name, and how such a file begins. */

interface Known {
  content_type: string;
  begins(head: Buffer): boolean;
}

const at = (offset: number, text: string) => (head: Buffer) =>
  head.subarray(offset, offset + text.length).equals(Buffer.from(text, 'latin1'));
const any =
  (...tests: ((head: Buffer) => boolean)[]) =>
  (head: Buffer) =>
    tests.some((test) => test(head));

const ZIP = at(0, 'PK\x03\x04');

export const TYPES = {
  pdf: { content_type: 'application/pdf', begins: at(0, '%PDF-') },
  epub: { content_type: 'application/epub+zip', begins: ZIP },
  zip: { content_type: 'application/zip', begins: ZIP },
  mp3: {
    content_type: 'audio/mpeg',
    begins: any(at(0, 'ID3'), at(0, '\xff\xfb'), at(0, '\xff\xf3'), at(0, '\xff\xf2')),
  },
  m4a: { content_type: 'audio/mp4', begins: at(4, 'ftyp') },
  mp4: { content_type: 'video/mp4', begins: at(4, 'ftyp') },
  wav: { content_type: 'audio/wav', begins: (head: Buffer) => at(0, 'RIFF')(head) && at(8, 'WAVE')(head) },
  png: { content_type: 'image/png', begins: at(0, '\x89PNG\r\n') },
  jpg: { content_type: 'image/jpeg', begins: at(0, '\xff\xd8\xff') },
} satisfies Record<string, Known>;
export type FileType = keyof typeof TYPES;

/** The type that a name ends with; nothing for a name that can't be one, or a type that isn't sold. */
export function typeOfName(name: string): FileType | undefined {
  const [, end] = /^[^\\/\p{Cc}]{1,120}\.([a-z0-9]{2,4})$/iu.exec(name) ?? [];
  const type = end?.toLowerCase();
  return type && Object.hasOwn(TYPES, type) ? (type as FileType) : undefined;
}
