export const signs = [
  'aries',
  'taurus',
  'gemini',
  'cancer',
  'leo',
  'virgo',
  'libra',
  'scorpio',
  'sagittarius',
  'capricorn',
  'aquarius',
  'pisces',
] as const;
export type Sign = (typeof signs)[number];

/** What a sign is called, and the days of a year that are said to be its own. */
export const signWords: Record<Sign, { name: string; from: string; to: string }> = {
  aries: { name: 'Aries', from: '21 March', to: '19 April' },
  taurus: { name: 'Taurus', from: '20 April', to: '20 May' },
  gemini: { name: 'Gemini', from: '21 May', to: '20 June' },
  cancer: { name: 'Cancer', from: '21 June', to: '22 July' },
  leo: { name: 'Leo', from: '23 July', to: '22 August' },
  virgo: { name: 'Virgo', from: '23 August', to: '22 September' },
  libra: { name: 'Libra', from: '23 September', to: '22 October' },
  scorpio: { name: 'Scorpio', from: '23 October', to: '21 November' },
  sagittarius: { name: 'Sagittarius', from: '22 November', to: '21 December' },
  capricorn: { name: 'Capricorn', from: '22 December', to: '19 January' },
  aquarius: { name: 'Aquarius', from: '20 January', to: '18 February' },
  pisces: { name: 'Pisces', from: '19 February', to: '20 March' },
};

export const isSign = (value: unknown): value is Sign => signs.includes(value as Sign);

/** A day of the calendar in UTC, so many days from that of `moment`: `2026-11-24`. */
export const dayFrom = (moment: number, days: number): string =>
  new Date(moment + days * 86_400_000).toISOString().slice(0, 10);
