import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import { createUsersWorkflow } from '@medusajs/medusa/core-flows';

const ADMIN_EMAIL = 'admin@soulseer.test';

/** Makes the demo administrator, or gives the one that is there this password. */
export async function seedAdmin(container: MedusaContainer, password: string): Promise<void> {
  const auth = container.resolve(Modules.AUTH);
  const [known] = await container.resolve(Modules.USER).listUsers({ email: ADMIN_EMAIL });
  const user =
    known ??
    (
      await createUsersWorkflow(container).run({
        input: { users: [{ email: ADMIN_EMAIL, first_name: 'Demo', last_name: 'Administrator' }] },
      })
    ).result[0];
  const [identity] = await auth.listProviderIdentities({ entity_id: ADMIN_EMAIL, provider: 'emailpass' });
  if (identity) {
    await auth.updateProvider('emailpass', { entity_id: ADMIN_EMAIL, password });
    return;
  }
  const { authIdentity, error } = await auth.register('emailpass', {
    body: { email: ADMIN_EMAIL, password },
  });
  if (!authIdentity || !user) throw new Error(`The administrator could not be made: ${error ?? 'no user'}`);
  await auth.updateAuthIdentities({ id: authIdentity.id, app_metadata: { user_id: user.id } });
}

/**
 * The publishable key that Medusa made for its sales channel when it first started.
 * @param wanted makes it this one, so that the site can know it beforehand
 * @returns the key in force
 */
export async function seedPublishableKey(
  container: MedusaContainer,
  wanted: string | undefined,
): Promise<string> {
  const [key] = await container
    .resolve(Modules.API_KEY)
    .listApiKeys({ type: 'publishable' }, { take: 1, order: { created_at: 'ASC' } });
  if (!key) throw new Error('Medusa made no publishable key when it started.');
  if (wanted === undefined || wanted === key.token) return key.token;
  // The module makes every key itself and has no way to take one; a publishable key is kept as it is.
  await container
    .resolve(ContainerRegistrationKeys.PG_CONNECTION)('api_key')
    .where({ id: key.id })
    .update({ token: wanted, redacted: `${wanted.slice(0, 6)}***${wanted.slice(-3)}`, title: 'Site' });
  return wanted;
}
