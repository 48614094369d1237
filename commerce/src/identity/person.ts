/** A person as the CMS tells of them: `directoryPerson` and `personSeen` of realtime/contract/directory.ts. */

import { z } from 'zod';

/** 1 to `most` characters that a database can keep: Postgres knows no NUL, and nobody half a character. */
const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => !value.includes('\0') && value.isWellFormed());

export const directoryPerson = z.object({
  person_id: z.uuid(),
  /** Only grows for one person. */
  version: z.int().min(1),
  issuer: text(500),
  subject: text(500),
  email: z.email().max(320).nullable(),
  email_verified: z.boolean(),
  display_name: text(60),
  role: z.enum(['client', 'reader', 'admin']),
  status: z.enum(['active', 'suspended']),
});
export type DirectoryPerson = z.infer<typeof directoryPerson>;

/** What an issuer says of somebody. */
export const personSeen = z.object({
  issuer: text(500),
  subject: text(500),
  email: z.email().max(320).optional(),
  email_verified: z.boolean().optional(),
  display_name: text(60).optional(),
});
export type PersonSeen = z.infer<typeof personSeen>;

/**
 * What the claims of a token tell of the person beside who it is. What is not in its form is left out.
 * @param namespace what stands before the names of claims that are not the standard's own, as Auth0 wants it
 */
export function toldIn(
  claims: Readonly<Record<string, unknown>>,
  namespace = '',
): Omit<PersonSeen, 'issuer' | 'subject'> {
  const claim = (name: string) => claims[name] ?? claims[`${namespace}${name}`];
  const name = claim('name');
  const told = {
    email: claim('email'),
    email_verified: claim('email_verified'),
    display_name: typeof name === 'string' ? name.trim().slice(0, 60).toWellFormed() : undefined,
  };
  const kept = Object.entries(told).filter(
    ([key, value]) =>
      value !== undefined && personSeen.shape[key as keyof typeof told].safeParse(value).success,
  );
  return Object.fromEntries(kept);
}

/** What is asked of a person at every request. */
export type KnownPerson = Pick<DirectoryPerson, 'person_id' | 'role' | 'status' | 'display_name'>;

/**
 * Medusa's rows of a person have ids made of the person's, so that their primary keys let nobody be made twice, and no
 * table of ours has to say who is who.
 */
export const customerIdOf = (person_id: string) => `cus_${hex(person_id)}`;
export const userIdOf = (person_id: string) => `user_${hex(person_id)}`;
export const authIdentityIdOf = (person_id: string) => `authid_${hex(person_id)}`;

/** Whose row of Medusa's it is; nothing for a row that was made otherwise. */
export function personIdOf(kind: 'cus' | 'user', id: unknown): string | undefined {
  const [, found] = typeof id === 'string' ? (/^([a-z]+_[0-9a-f]{32})$/.exec(id) ?? []) : [];
  if (!found?.startsWith(`${kind}_`)) return undefined;
  return found.slice(kind.length + 1).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** How Medusa's auth module names an identity of ours. An issuer is an address, so it has no space in it. */
export const entityIdOf = ({ issuer, subject }: Pick<PersonSeen, 'issuer' | 'subject'>) =>
  `${issuer} ${subject}`;

function hex(person_id: string): string {
  return person_id.replaceAll('-', '').toLowerCase();
}
