/** Local API without access: nobody may write an application by hand, so the program writes the one that it has checked. */
import { randomUUID } from 'node:crypto';
import { createLocalReq, type Payload, type TypedUser, ValidationError } from 'payload';
import { databaseOf, inPayloadTransaction, rowsOf, sql } from '../database/sql.ts';
import { audit } from '../protection/audit.ts';
import type { Files } from '../storage/files.ts';
import { EXTENSIONS } from './fileTypes.ts';
import type { CheckedFile, FieldError, Submission } from './submission.ts';

export type Submitted =
  | { ok: true; id: number }
  | { ok: false; code: 'already_open' | 'role_not_allowed' | 'account_suspended' }
  | { ok: false; code: 'invalid_application'; errors: FieldError[] };

type Options = { payload: Payload; files: Files; user: TypedUser; address: string };

/** Whether one of theirs waits already. The unique index decides; this only spares the work. */
export async function hasOpenApplication(payload: Payload, person: number): Promise<boolean> {
  const found = await rowsOf(
    databaseOf(payload),
    sql`select 1 from reader_applications where person_id = ${person} and status = 'submitted'`,
  );
  return found.length > 0;
}

/** Keeps an application and its files. The files come first; when the rest fails they are taken away again. */
export async function submitApplication(submission: Submission, options: Options): Promise<Submitted> {
  const { payload, files, user, address } = options;
  const specialities = await specialityIds(payload, submission.specialities);
  if (!specialities)
    return {
      ok: false,
      code: 'invalid_application',
      errors: [{ field: 'specialities', message: 'Choose from the list.' }],
    };

  const folder = `reader-applications/${randomUUID()}`;
  const place = (file: CheckedFile, name: string) => ({
    key: `${folder}/${name}.${EXTENSIONS[file.type]}`,
    name: file.name,
    type: file.type,
    bytes: file.data.byteLength,
    data: file.data,
  });
  const portrait = place(submission.portrait, 'portrait');
  const documents = submission.documents.map((file, index) => place(file, `document-${index + 1}`));
  const stored: string[] = [];
  try {
    for (const { key, data, type } of [portrait, ...documents]) {
      stored.push(key);
      await files.put(key, data, type);
    }
    const result = await write(specialities);
    if (!result.ok) await files.remove(stored);
    return result;
  } catch (error) {
    await files.remove(stored);
    throw error;
  }

  async function write(specialities: number[]): Promise<Submitted> {
    const req = await createLocalReq({ user }, payload);
    try {
      return await inPayloadTransaction(req, async (db) => {
        // The same lock as a decision takes first: how somebody stands doesn't change until this is kept.
        const [person] = await rowsOf<{ role: string; status: string }>(
          db,
          sql`select role, status from people where id = ${user.id} for update`,
        );
        if (person?.status !== 'active') return { ok: false, code: 'account_suspended' };
        if (person.role !== 'client') return { ok: false, code: 'role_not_allowed' };
        const { id } = await payload.create({
          collection: 'reader-applications',
          data: {
            ...submission,
            specialities,
            portrait: kept(portrait),
            documents: documents.map(kept),
            status: 'submitted',
            person: user.id,
          },
          depth: 0,
          req,
        });
        await audit(db, {
          action: 'reader-applications.submit',
          outcome: 'done',
          actor_person_id: user.person_id,
          subject: `reader-applications:${id}`,
          address,
        });
        return { ok: true, id };
      });
    } catch (error) {
      if (isAlreadyOpen(error)) return { ok: false, code: 'already_open' };
      throw error;
    }
  }
}

function kept({ key, name, type, bytes }: { key: string; name: string; type: string; bytes: number }) {
  return { key, name, type, bytes };
}

/** The index `reader_applications_one_open`, as Payload tells it. */
function isAlreadyOpen(error: unknown): boolean {
  return error instanceof ValidationError && error.data.errors.some(({ path }) => path === 'person_id');
}

/** In the order given; nothing when one of them is none of ours. */
async function specialityIds(payload: Payload, slugs: readonly string[]): Promise<number[] | undefined> {
  const rows = await rowsOf<{ id: number; slug: string }>(
    databaseOf(payload),
    sql`select id, slug from specialities where slug in (${sql.join([...slugs], sql`, `)})`,
  );
  const ids = slugs.flatMap((slug) => rows.find((row) => row.slug === slug)?.id ?? []);
  return ids.length === slugs.length ? ids : undefined;
}
