import { wholeNumber } from './wholeNumber.ts';

/** Place in a list, lowest first. */
export const positionField = wholeNumber({
  name: 'position',
  min: 0,
  max: 100_000,
  required: true,
  defaultValue: 0,
  index: true,
  admin: { position: 'sidebar', description: 'Place in the list, lowest first.', step: 1 },
});
