import type { NumberField } from 'payload';

type Options = Omit<NumberField, 'type' | 'validate' | 'hasMany' | 'min' | 'max' | 'minRows' | 'maxRows'> & {
  min: number;
  max: number;
};

/** A number without decimals, within limits (both included). */
export function wholeNumber({ min, max, ...field }: Options): NumberField {
  return {
    ...field,
    type: 'number',
    min,
    max,
    validate: (value: unknown) => {
      if (value === null || value === undefined) return field.required ? 'This is needed.' : true;
      return (
        (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) ||
        `Must be a whole number from ${min} to ${max}.`
      );
    },
  } as NumberField;
}
