import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from './files.ts';

/** A hash over files and folders (names and contents), so that work on them is done again only after a change. */
export function hashOf(...places: string[]): string {
  const hash = createHash('sha256');
  const add = (place: string): void => {
    if (!statSync(place).isDirectory()) {
      hash.update(path.basename(place)).update(readFileSync(place));
      return;
    }
    for (const name of readdirSync(place).sort()) add(path.join(place, name));
  };
  for (const place of places) add(place);
  return hash.digest('hex');
}

/** What has been done to the data beside which this file lies: a name and the hash of what it was done from. */
export function openStamps(file: string) {
  let stamps: Record<string, string> = {};
  try {
    stamps = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    // Not there yet, or spoilt: all is done once more, which changes nothing where it was done before.
  }
  return {
    has: (name: string, value: string): boolean => stamps[name] === value,
    set(name: string, value: string): void {
      stamps[name] = value;
      writeWhole(file, `${JSON.stringify(stamps, null, 2)}\n`);
    },
  };
}
