import { z } from 'zod';
import { text } from '../wallet/form.ts';
import type { PostalAddress } from './shop.ts';

const line = (most: number, missing: string) =>
  z
    .string()
    .min(1, { error: missing })
    .max(most, { error: `Write at most ${most} characters.` })
    .regex(/^[^\p{C}]*$/u, { error: 'Write it in one line.' });
const optional = (most: number) =>
  z
    .string()
    .max(most, { error: `Write at most ${most} characters.` })
    .regex(/^[^\p{C}]*$/u, { error: 'Write it in one line.' })
    .transform((value) => value || null);

const shape = z.object({
  name: line(100, 'Write whom the parcel is for.'),
  address_1: line(150, 'Write the street and number.'),
  address_2: optional(150),
  postal_code: line(20, 'Write the postal code.'),
  city: line(100, 'Write the town.'),
  province: optional(100),
  country_code: z.string().regex(/^[a-z]{2}$/, { error: 'Choose the country.' }),
});
export type DeliveryField = keyof typeof shape.shape;
export const deliveryFields = Object.keys(shape.shape) as DeliveryField[];

/** Where a parcel is to go, as it was typed, and what is wrong with it. */
export function readDelivery(form: FormData): {
  typed: Record<DeliveryField, string>;
  address: PostalAddress | undefined;
  wrong: Partial<Record<DeliveryField, string>>;
} {
  const typed = Object.fromEntries(deliveryFields.map((name) => [name, text(form, name)])) as Record<
    DeliveryField,
    string
  >;
  const read = shape.safeParse(typed);
  const wrong: Partial<Record<DeliveryField, string>> = {};
  for (const { path, message } of read.error?.issues ?? []) wrong[path[0] as DeliveryField] ??= message;
  return { typed, address: read.data, wrong };
}
