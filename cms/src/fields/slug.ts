import type { TextField } from 'payload';
import { staffField } from '../access/staff.ts';

const SHAPE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The last part of a page's address. Made from `from` when left empty; only staff change it, since links lead there. */
export function slugField(from: 'name' | 'title'): TextField {
  return {
    name: 'slug',
    type: 'text',
    required: true,
    unique: true,
    index: true,
    maxLength: 80,
    access: { create: staffField, update: staffField },
    admin: {
      position: 'sidebar',
      description: `Last part of the address. Left empty, it is made from the ${from}.`,
    },
    hooks: {
      // Two can't have one address, and Payload's own way of telling them apart makes none.
      beforeDuplicate: [({ value }) => `${String(value).slice(0, 75)}-copy`],
      beforeValidate: [
        ({ value, data }) =>
          typeof value === 'string' && value ? value : slugify(String(data?.[from] ?? '')),
      ],
    },
    validate: (value: unknown) =>
      (typeof value === 'string' && SHAPE.test(value)) ||
      'Use small letters, digits and single hyphens, for example luna-hart.',
  };
}

/** "Élodie O'Hara" → "elodie-o-hara". */
export function slugify(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
}
