import type {
  AuthenticationInput,
  AuthenticationResponse,
  AuthIdentityProviderService,
  Logger,
} from '@medusajs/framework/types';
import { AbstractAuthModuleProvider } from '@medusajs/framework/utils';
import { z } from 'zod';
import { clock } from '../../clock';
import { createIssuerKeys } from '../../identity/keys';
import { entityIdOf } from '../../identity/person';
import { createTokens, type Tokens } from '../../identity/tokens';

export const PROVIDER = 'soulseer';

const options = z.object({ issuer: z.string(), audience: z.string(), namespace: z.string().optional() });

/**
 * Medusa's side of signing in by the site's access token: the token is checked, and the identity that http/customers.ts has
 * seen to is looked up. It never makes one, so what reaches it past that is turned away. Medusa wants a class.
 */
export class SoulSeerAuthProvider extends AbstractAuthModuleProvider {
  static override identifier = PROVIDER;
  static override DISPLAY_NAME = 'SoulSeer';
  readonly #tokens: Tokens;

  constructor({ logger }: { logger: Logger }, given: unknown) {
    super();
    const { issuer, audience, namespace } = options.parse(given);
    const keys = createIssuerKeys({ issuer, clock, failed: (error) => logger.warn(error.message) });
    this.#tokens = createTokens({ issuer, audience, namespace, keys, clock });
  }

  override async authenticate(
    { headers }: AuthenticationInput,
    identities: AuthIdentityProviderService,
  ): Promise<AuthenticationResponse> {
    const verdict = await this.#tokens.verify(headers?.authorization);
    if (!verdict.ok) return { success: false, error: verdict.code };
    try {
      const authIdentity = await identities.retrieve({ entity_id: entityIdOf(verdict.claims) });
      return { success: true, authIdentity };
    } catch {
      return { success: false, error: 'not_signed_in' };
    }
  }
}
