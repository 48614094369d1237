import { randomUUID } from 'node:crypto';
import type { CollectionBeforeChangeHook } from 'payload';

/** The id by which all programs know a person: minted here, once, and never another. */
export const mintPersonId: CollectionBeforeChangeHook = ({ data, operation, originalDoc }) => ({
  ...data,
  person_id: operation === 'create' ? randomUUID() : originalDoc?.person_id,
});
