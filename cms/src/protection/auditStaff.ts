import type { CollectionConfig, GlobalConfig, PayloadRequest } from 'payload';
import { isStaff } from '../access/person.ts';
import { transactionOf } from '../database/sql.ts';
import { addressOf } from './address.ts';
import { audit } from './audit.ts';

/** Fields of a person whose change is told with its old and new value. */
const STANDING = ['role', 'status'] as const;

/** Every change that staff make in a collection goes into the audit log, in the transaction of the change. */
export function auditedCollection(collection: CollectionConfig): CollectionConfig {
  const { slug, hooks = {} } = collection;
  return {
    ...collection,
    hooks: {
      ...hooks,
      afterChange: [
        ...(hooks.afterChange ?? []),
        async ({ doc, previousDoc, operation, req }) => {
          await auditAct(req, `${slug}.${operation}`, subjectOf(slug, doc), changes(previousDoc, doc));
          return doc;
        },
      ],
      afterDelete: [
        ...(hooks.afterDelete ?? []),
        async ({ doc, req }) => auditAct(req, `${slug}.delete`, subjectOf(slug, doc), {}),
      ],
    },
  };
}

/** The same for a global. */
export function auditedGlobal(global: GlobalConfig): GlobalConfig {
  const { slug, hooks = {} } = global;
  return {
    ...global,
    hooks: {
      ...hooks,
      afterChange: [
        ...(hooks.afterChange ?? []),
        async ({ doc, req }) => {
          await auditAct(req, `${slug}.update`, `global:${slug}`, {});
          return doc;
        },
      ],
    },
  };
}

async function auditAct(
  req: PayloadRequest,
  action: string,
  subject: string,
  details: Record<string, unknown>,
): Promise<void> {
  if (!isStaff(req)) return;
  await audit(await transactionOf(req), {
    action,
    outcome: 'done',
    actor_person_id: req.user?.person_id ?? null,
    subject,
    address: addressOf(req.headers ?? new Headers()),
    details,
  });
}

function subjectOf(slug: string, doc: { id: number | string; person_id?: string }): string {
  return slug === 'people' && doc.person_id ? `person:${doc.person_id}` : `${slug}:${doc.id}`;
}

function changes(before: Record<string, unknown> | undefined, after: Record<string, unknown>) {
  return Object.fromEntries(
    STANDING.filter(
      (name) => name in after && before?.[name] !== undefined && before[name] !== after[name],
    ).map((name) => [name, { from: before?.[name], to: after[name] }]),
  );
}
