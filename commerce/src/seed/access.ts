import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';

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
