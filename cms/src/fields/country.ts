import type { TextField } from 'payload';

const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
/** Codes that `Intl` names though ISO 3166 gives them to no country (any more): 249 remain. */
const NOT_COUNTRIES = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ'.split(' '),
);

/** ISO 3166-1 alpha-2. */
export const countryField: TextField = {
  name: 'country',
  type: 'text',
  required: true,
  minLength: 2,
  maxLength: 2,
  admin: { width: '50%', placeholder: 'GB', description: 'Two letters (ISO 3166), such as GB or PT.' },
  validate: (value: unknown) =>
    (typeof value === 'string' && isCountry(value)) || 'Not a country. Use two capital letters such as GB.',
};

export function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !NOT_COUNTRIES.has(code) && names.of(code) !== undefined;
}
