import { looks } from '../pictures/looks.ts';
import type { Reader } from '../schema.ts';

type Written = Omit<Reader, 'portrait' | 'rates' | 'person_email'> & {
  person_email?: string;
  /** Video, voice, chat: cents a minute, null where not offered. */
  rates: [number | null, number | null, number | null];
};

/** A reader as written here: the portrait follows from the slug, its description from how the portrait is drawn. */
export function reader({ rates: [video, voice, chat], person_email = undefined, ...rest }: Written): Reader {
  const look = looks[rest.slug];
  if (!look) throw new Error(`nobody has said what ${rest.slug} looks like`);
  return {
    ...rest,
    person_email: person_email ?? null,
    portrait: { file: `portraits/${rest.slug}.avif`, alt: look.alt },
    rates: { video_cents_per_minute: video, voice_cents_per_minute: voice, chat_cents_per_minute: chat },
  };
}
