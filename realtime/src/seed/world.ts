/** `realtime.json` of the demo world, checked: sessions of the past. People are named by their subject at the issuer. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const text = z.string().min(1);

const pastSession = z.strictObject({
  key: z.string().regex(/^[a-z0-9-]{1,100}$/),
  client: text,
  reader: text,
  days_ago: z.int().min(1).max(365),
  minute_of_day: z.int().min(0).max(1_439),
  modality: z.enum(['video', 'voice', 'chat']),
  seconds: z.int().min(0).max(3_600),
  ends: z.enum(['client', 'reader', 'maximum', 'lost', 'declined', 'cancelled']),
  pauses: z.array(z.strictObject({ after_seconds: z.int().min(1), for_seconds: z.int().min(1).max(240) })),
  messages: z.array(text.max(2_000)),
  given_back: z.strictObject({ minutes: z.array(z.int().min(1)).min(1), reason: text.max(500) }).nullable(),
});
export type PastSession = z.infer<typeof pastSession>;

const world = z.strictObject({ sessions: z.array(pastSession), staff: text });
export type PastWorld = z.infer<typeof world>;

/** Throws what names all that is wrong in it. */
export async function readPast(folder: string): Promise<PastWorld> {
  return world.parse(JSON.parse(await readFile(join(folder, 'realtime.json'), 'utf8')));
}
