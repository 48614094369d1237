import sharp from 'sharp';

export type Value = string | File | (string | File)[] | null;

export const biography = `I read slowly, and I ask more than I tell.\nThat is my way.\n\n<script>alert(1)</script> ${'Words. '.repeat(20)}`;
export const pdf = new File(['%PDF-1.7\nmy passport'], '../My pässport.exe', { type: 'text/html' });

/** What a camera makes, with what a camera writes into it. */
export async function drawPortrait(): Promise<Uint8Array<ArrayBuffer>> {
  const picture = sharp({ create: { width: 300, height: 400, channels: 3, background: '#2a2463' } });
  return new Uint8Array(
    await picture
      .withExif({ IFD0: { Artist: 'A camera' } })
      .jpeg()
      .toBuffer(),
  );
}

/** An application that is taken, or one with something wrong. */
export async function applicationForm(change: Record<string, Value> = {}): Promise<FormData> {
  const form = new FormData();
  const values: Record<string, Value> = {
    name: 'Mira Sol',
    headline: 'Cards & quiet',
    biography,
    specialities: ['tarot', 'astrology'],
    languages: ['pt', 'en'],
    country: 'PT',
    time_zone: 'Europe/Lisbon',
    years_of_experience: '9',
    video_cents_per_minute: '399',
    chat_cents_per_minute: '200',
    portrait: new File([await drawPortrait()], 'me.jpg', { type: 'image/jpeg' }),
    documents: [pdf],
    ...change,
  };
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : value === null ? [] : [value]) form.append(name, one);
  return form;
}
