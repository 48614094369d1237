/**
 * `pnpm --filter cms appoint <subject> <role>`: gives somebody who has signed in before a role. It is how an installation gets its
 * first administrator; all others are made in the admin.
 * Local API without access: it is the operator's own command, for when there is no administrator yet.
 */
import { getPayload } from 'payload';
import { role as roleSchema } from 'realtime/contract';
import { createConfig } from '../config.ts';
import { databaseOf } from '../database/sql.ts';
import { environmentOrExit } from '../environment.ts';
import { audit } from '../protection/audit.ts';

const [subject, wanted] = process.argv.slice(2);
const role = roleSchema.safeParse(wanted).data;
if (!subject || !role) {
  process.stderr.write(
    'Say who and what: pnpm --filter cms appoint <subject at the issuer> <client|reader|admin>\n',
  );
  process.exit(64);
}
const environment = environmentOrExit();
const payload = await getPayload({ config: createConfig(environment), disableOnInit: true });
const { docs } = await payload.find({
  collection: 'people',
  where: { issuer: { equals: environment.OIDC_ISSUER }, subject: { equals: subject } },
  depth: 0,
});
const [person] = docs;
if (!person) {
  process.stderr.write(`Nobody has signed in as ${subject} yet.\n`);
  process.exit(1);
}
await payload.update({ collection: 'people', id: person.id, data: { role } });
await audit(databaseOf(payload), {
  action: 'people.appoint',
  outcome: 'done',
  subject: `person:${person.person_id}`,
  details: { role: { from: person.role, to: role } },
});
payload.logger.info({ person_id: person.person_id, role }, 'appointed');
await payload.destroy();
process.exit(0);
