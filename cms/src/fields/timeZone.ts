import type { TextField } from 'payload';

/** An IANA time zone. Checked with what this Node knows, so that every later computation in it works. */
export const timeZoneField: TextField = {
  name: 'time_zone',
  type: 'text',
  required: true,
  label: 'Time zone',
  admin: {
    width: '50%',
    placeholder: 'Europe/London',
    description: 'IANA name, such as Europe/London or America/New_York.',
  },
  validate: (value: unknown) =>
    (typeof value === 'string' && isTimeZone(value)) ||
    'Not a time zone. Use an IANA name such as Europe/London.',
};

/** Area/Place names and UTC; not offsets such as +02:00, which know no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z0-9_+-]+){1,2}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
