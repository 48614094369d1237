/**
 * What Medusa has of a person: the customer, for whoever is active as admin the user too, and the identity by which Medusa's
 * auth module knows both. All are made from our copy of the directory and kept in step with it.
 */

import type { MedusaContainer } from '@medusajs/framework/types';
import { Modules } from '@medusajs/framework/utils';
import {
  createCustomersWorkflow,
  createUsersWorkflow,
  updateCustomersWorkflow,
  updateUsersWorkflow,
} from '@medusajs/medusa/core-flows';
import type { Pool, PoolClient } from 'pg';
import { transaction } from '../database';
import { PROVIDER } from '../modules/soulseer-auth/service';
import { authIdentityIdOf, customerIdOf, type DirectoryPerson, entityIdOf, userIdOf } from './person';

type Row = Omit<DirectoryPerson, 'version'>;

export interface Accounts {
  /** Makes and mends what Medusa has of the person, unless it is as the directory says already. */
  bring(person_id: string): Promise<void>;
  /** As `bring`, shared by those of this process who ask at the same time. */
  ensure(person_id: string): Promise<void>;
}

/** `container` is Medusa's, which is there once it is loaded. */
export function createAccounts({
  pool,
  container,
}: {
  pool: Pool;
  container: Promise<MedusaContainer>;
}): Accounts {
  const ensuring = new Map<string, Promise<void>>();

  async function bring(person_id: string): Promise<void> {
    await transaction(pool, async (client) => {
      // Whoever else makes the same person, on whichever node, waits here and then finds it done.
      const { rows } = await client.query<Row & { version: string; brought: boolean }>(
        `select person_id, version, issuer, subject, email, email_verified, display_name, role, status,
           brought_version is not distinct from version as brought
         from commerce_person where person_id = $1 for update`,
        [person_id],
      );
      const person = rows[0];
      if (person && !person.brought) {
        await makeOrMend(client, await container, person);
        await client.query('update commerce_person set brought_version = $2 where person_id = $1', [
          person_id,
          person.version,
        ]);
      }
    });
  }

  return {
    bring,
    async ensure(person_id) {
      const { rows } = await pool.query(
        'select from commerce_person where person_id = $1 and brought_version = version',
        [person_id],
      );
      if (rows.length > 0) return;
      const under = ensuring.get(person_id) ?? bring(person_id).finally(() => ensuring.delete(person_id));
      ensuring.set(person_id, under);
      await under;
    },
  };
}

async function makeOrMend(client: PoolClient, container: MedusaContainer, person: Row): Promise<void> {
  const email = person.email_verified ? (person.email?.toLowerCase() ?? null) : null;
  // Two persons may have one address; the lock lets them be looked at one after the other.
  if (email) await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`email ${email}`]);
  await customer(container, person, email);
  if (isStaff(person)) await user(container, person, email);
  await identity(container, person);
}

/**
 * Medusa lets a registered customer have no address, and an address belong to one of them only. So one that isn't verified
 * is left out (it may be somebody else's), as is one that another person had first: a person is told by their id.
 */
async function customer(container: MedusaContainer, person: Row, address: string | null): Promise<void> {
  const id = customerIdOf(person.person_id);
  const customers = container.resolve(Modules.CUSTOMER);
  const [known] = await customers.listCustomers({ id });
  const others = address ? await customers.listCustomers({ email: address, has_account: true }) : [];
  const email = others.some((one) => one.id !== id) ? null : address;
  const first_name = person.display_name;
  if (!known) {
    const made = { id, first_name, email, has_account: true, metadata: { person_id: person.person_id } };
    await createCustomersWorkflow(container).run({ input: { customersData: [made as never] } });
  } else if (known.first_name !== first_name || (known.email ?? null) !== email) {
    await updateCustomersWorkflow(container).run({
      input: { selector: { id }, update: { first_name, email: email as string } },
    });
  }
}

/** A user of Medusa's must have an address of their own; whoever has none gets one to which no mail can go. */
async function user(container: MedusaContainer, person: Row, address: string | null): Promise<void> {
  const id = userIdOf(person.person_id);
  const users = container.resolve(Modules.USER);
  const [known] = await users.listUsers({ id });
  const others = address ? await users.listUsers({ email: address }) : [];
  const free = address !== null && others.every((one) => one.id === id);
  const email = free ? address : `person-${person.person_id}@no-email.invalid`;
  const first_name = person.display_name;
  if (!known) {
    const made = { id, first_name, email, metadata: { person_id: person.person_id } };
    await createUsersWorkflow(container).run({ input: { users: [made as never] } });
  } else if (known.first_name !== first_name || known.email !== email) {
    // The type leaves the address out, the module takes it.
    await updateUsersWorkflow(container).run({ input: { updates: [{ id, first_name, email } as never] } });
  }
}

async function identity(container: MedusaContainer, person: Row): Promise<void> {
  const id = authIdentityIdOf(person.person_id);
  const auth = container.resolve(Modules.AUTH);
  const [known] = await auth.listAuthIdentities({ id: [id] }, { relations: ['provider_identities'] });
  const app_metadata = {
    customer_id: customerIdOf(person.person_id),
    ...(isStaff(person) ? { user_id: userIdOf(person.person_id) } : {}),
  };
  const entity_id = entityIdOf(person);
  if (!known) {
    const provider_identities = [{ provider: PROVIDER, entity_id }];
    await auth.createAuthIdentities({ id, app_metadata, provider_identities } as never);
    return;
  }
  await auth.updateAuthIdentities({ id, app_metadata });
  const theirs = known.provider_identities?.find((one) => one.provider === PROVIDER);
  if (theirs && theirs.entity_id !== entity_id)
    await auth.updateProviderIdentities([{ id: theirs.id, entity_id } as never]);
}

/** Who becomes a user of Medusa's. */
function isStaff({ role, status }: Row): boolean {
  return role === 'admin' && status === 'active';
}
