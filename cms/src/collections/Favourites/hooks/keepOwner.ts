import { type CollectionBeforeChangeHook, type CollectionBeforeValidateHook, ValidationError } from 'payload';
import { rowsOf, sql, transactionOf } from '../../../database/sql.ts';

/** Whose it is the program says, not the form, and it stays theirs. */
export const keepOwner: CollectionBeforeValidateHook = ({ data, operation, originalDoc, req }) => ({
  ...data,
  person: operation === 'create' ? (req.user?.id ?? data?.person) : originalDoc?.person,
});

/** Only a reader whom everybody can see can be kept in mind, and nobody keeps themselves. */
export const needsPublishedReader: CollectionBeforeChangeHook = async ({ data, operation, req }) => {
  if (operation !== 'create') return data;
  const { reader, person } = data;
  // Payload has not looked at the fields yet.
  const isId = Number.isInteger(reader) && reader > 0 && reader <= 0x7fff_ffff;
  const found = isId
    ? await rowsOf(
        await transactionOf(req),
        sql`select 1 from readers where id = ${reader} and _status = 'published'
            and person_id is distinct from ${person}`,
      )
    : [];
  if (found.length > 0) return data;
  throw new ValidationError({
    collection: 'favourites',
    errors: [{ path: 'reader', message: 'There is no such reader to keep in mind.' }],
  });
};
