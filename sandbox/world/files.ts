import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Product } from './schema.ts';

// The files that the digital products of the demo world are: small, and real ones that open.

/** Where a product's file lies below the world's folder. */
export const fileOf = ({ handle, categories }: Pick<Product, 'handle' | 'categories'>): string =>
  `files/${handle}.${categories.includes('audio') ? 'wav' : 'pdf'}`;

export function writeFiles(dir: string, products: readonly Product[]): void {
  mkdirSync(join(dir, 'files'), { recursive: true });
  for (const product of products)
    if (product.file !== null)
      writeFileSync(join(dir, product.file), product.file.endsWith('.wav') ? chime() : booklet(product));
}

const lineLength = 74;

/** One page of PDF 1.4 with the product's title and description. */
function booklet({ title, subtitle, description }: Product): Buffer {
  const lines = ['', subtitle, '', ...wrapped(description)];
  const text = [
    'BT /F1 20 Tf 56 760 Td',
    `(${escaped(title)}) Tj`,
    '/F1 11 Tf 16 TL',
    ...lines.map((line) => `T* (${escaped(line)}) Tj`),
    'ET',
  ].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${Buffer.byteLength(text, 'latin1')} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = Buffer.byteLength(body, 'latin1');
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = Buffer.byteLength(body, 'latin1');
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const at of offsets) body += `${String(at).padStart(10, '0')} 00000 n \n`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}

/** What the font's encoding has; anything else becomes its nearest. */
function escaped(text: string): string {
  return text
    .replace(/[–—]/g, '-')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/…/g, '...')
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
    .replace(/[\\()]/g, '\\$&');
}

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length >= lineLength) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

const rate = 8_000;

/** Two seconds of a bell, as 8-bit PCM. */
function chime(): Buffer {
  const samples = Buffer.alloc(rate * 2);
  for (let index = 0; index < samples.length; index += 1) {
    const t = index / rate;
    const tone = Math.sin(2 * Math.PI * 528 * t) + 0.4 * Math.sin(2 * Math.PI * 1_056 * t);
    samples[index] = Math.round(128 + 80 * Math.exp(-2 * t) * (tone / 1.4));
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
