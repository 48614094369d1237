import { randomUUID } from 'node:crypto';
import { createLocalReq, type Payload, type TypedUser } from 'payload';
import type { MailRequest } from 'realtime/contract';
import { type Db, inPayloadTransaction, rowsOf, sql } from '../database/sql.ts';
import { tell } from '../directory/outbox.ts';
import { slugify } from '../fields/slug.ts';
import type { ReaderApplication } from '../payload-types.ts';
import { ADDRESS_HEADER } from '../protection/address.ts';
import { audit } from '../protection/audit.ts';
import type { Files } from '../storage/files.ts';
import { EXTENSIONS, type FileType } from './fileTypes.ts';
import { paragraphs } from './paragraphs.ts';

export type Decision = { kind: 'approve' } | { kind: 'decline'; reason: string };

export type RefusedDecision =
  | 'not_found'
  | 'already_decided'
  | 'account_suspended'
  | 'role_not_client'
  | 'page_exists'
  | 'portrait_missing';

export type Decided = { ok: true } | { ok: false; code: RefusedDecision };

type Options = {
  payload: Payload;
  privateFiles: Files;
  mediaFiles: Files;
  /** An administrator: what Payload writes here, it writes with their access. */
  user: TypedUser;
  address: string;
};

/** Any number that no other transaction lock of this database has. */
const SLUGS_LOCK = 0x63_6d_73_03;

/**
 * Decides about an application, once: of several decisions at the same time one wins, and the others find it decided. Approving
 * gives the role and publishes the reader's page in the same transaction as the mail, what the other programs are told of both,
 * and the audit log.
 */
export async function decideApplication(
  id: number,
  decision: Decision,
  { payload, privateFiles, mediaFiles, user, address }: Options,
): Promise<Decided> {
  const application = await payload.findByID({
    collection: 'reader-applications',
    id,
    depth: 0,
    disableErrors: true,
    user,
    overrideAccess: false,
  });
  if (!application) return { ok: false, code: 'not_found' };
  const portrait =
    decision.kind === 'approve' ? await bytesOf(privateFiles, application.portrait.key) : undefined;
  if (decision.kind === 'approve' && !portrait) return { ok: false, code: 'portrait_missing' };

  const headers = new Headers({ [ADDRESS_HEADER]: address });
  const req = await createLocalReq({ user, req: { headers } }, payload);
  const published: string[] = [];
  try {
    return await inPayloadTransaction(req, async (db) => {
      const person = await lockPerson(db, application.person as number);
      // Who comes second waits here, and then finds it decided.
      const [row] = await rowsOf<{ status: string }>(
        db,
        sql`select status from reader_applications where id = ${id} for update`,
      );
      if (row?.status !== 'submitted') return { ok: false, code: 'already_decided' };
      if (portrait) {
        const refused = await whyNot(db, person);
        if (refused) return { ok: false, code: refused };
        await makeReader(db, application, portrait);
      }
      await db.execute(sql`
        update reader_applications
        set status = ${decision.kind === 'approve' ? 'approved' : 'declined'}, decided_at = now(), updated_at = now(),
            decided_by_id = ${user.id}, reason = ${decision.kind === 'decline' ? decision.reason : null}
        where id = ${id}`);
      await tellApplicant(db, person);
      await audit(db, {
        action: `reader-applications.${decision.kind}`,
        outcome: 'done',
        actor_person_id: user.person_id,
        subject: `reader-applications:${id}`,
        address,
        details: {
          person_id: person.person_id,
          ...(decision.kind === 'decline' && { reason: decision.reason }),
        },
      });
      return { ok: true };
    });
  } catch (error) {
    // The storage knows no transactions.
    await mediaFiles.remove(published);
    throw error;
  }

  async function makeReader(db: Db, of: ReaderApplication, picture: Uint8Array): Promise<void> {
    const access = { req, user, overrideAccess: false, depth: 0 } as const;
    const slug = await freeSlug(db, of);
    await payload.update({
      collection: 'people',
      id: of.person as number,
      data: { role: 'reader' },
      ...access,
    });
    const type = of.portrait.type as FileType;
    const name = `${slug.slice(0, 60)}-${randomUUID().slice(0, 8)}.${EXTENSIONS[type]}`;
    published.push(name);
    const media = await payload.create({
      collection: 'media',
      data: { alt: `Portrait of ${of.name}` },
      file: { data: Buffer.from(picture), mimetype: type, name, size: picture.byteLength },
      // The picture is the reader's own, to describe anew when they like.
      context: { uploadedBy: of.person },
      ...access,
    });
    for (const size of Object.values(media.sizes ?? {})) if (size?.filename) published.push(size.filename);
    await payload.create({
      collection: 'readers',
      data: {
        name: of.name,
        headline: of.headline,
        biography: paragraphs(of.biography),
        portrait: media.id,
        specialities: of.specialities,
        languages: of.languages,
        years_of_experience: of.years_of_experience,
        rates: of.rates,
        time_zone: of.time_zone,
        country: of.country,
        slug,
        person: of.person,
        featured: false,
        _status: 'published',
      },
      ...access,
    });
  }

  async function tellApplicant(db: Db, { person_id }: { person_id: string }): Promise<void> {
    const mail: MailRequest =
      decision.kind === 'approve'
        ? { to_person_id: person_id, template: 'reader_application_approved', values: {} }
        : {
            to_person_id: person_id,
            template: 'reader_application_declined',
            values: { reason: decision.reason },
          };
    const key = `reader-application:${id}:${decision.kind === 'approve' ? 'approved' : 'declined'}`;
    await tell(db, { kind: 'mail', key, payload: mail });
  }
}

type Standing = { id: number; person_id: string; role: string; status: string };

async function lockPerson(db: Db, id: number): Promise<Standing> {
  const [person] = await rowsOf<Standing>(
    db,
    sql`select id, person_id, role, status from people where id = ${id} for update`,
  );
  if (!person) throw new Error('an application of nobody');
  return person;
}

/** What stands against making this person a reader. One whom staff made a reader by hand may still get a page. */
async function whyNot(db: Db, { id, role, status }: Standing): Promise<RefusedDecision | undefined> {
  if (status !== 'active') return 'account_suspended';
  if (role === 'admin') return 'role_not_client';
  const pages = await rowsOf(db, sql`select 1 from readers where person_id = ${id}`);
  return pages.length > 0 ? 'page_exists' : undefined;
}

/** The name as an address, with a number behind it when somebody has that already. */
async function freeSlug(db: Db, { id, name }: ReaderApplication): Promise<string> {
  // Two that are approved at once might choose the same.
  await db.execute(sql`select pg_advisory_xact_lock(${SLUGS_LOCK})`);
  const wanted = slugify(name).slice(0, 70).replace(/-+$/, '') || `reader-${id}`;
  const taken = await rowsOf<{ slug: string }>(
    db,
    sql`select slug from readers where slug = ${wanted} or slug like ${`${wanted}-%`}`,
  );
  const slugs = new Set(taken.map(({ slug }) => slug));
  let slug = wanted;
  for (let number = 2; slugs.has(slug); number += 1) slug = `${wanted}-${number}`;
  return slug;
}

async function bytesOf(files: Files, key: string): Promise<Uint8Array | undefined> {
  const file = await files.read(key);
  return file && new Uint8Array(await new Response(file.body).arrayBuffer());
}
