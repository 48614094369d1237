import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Failure, hasCode } from './failure.ts';
import { writeWhole } from './files.ts';

const secret = () => `sandbox-${randomBytes(24).toString('hex')}`;

const MAKERS = {
  postgres_password: secret,
  cms_db_password: secret,
  commerce_db_password: secret,
  realtime_owner_db_password: secret,
  realtime_db_password: secret,
  site_db_password: secret,
  sandbox_db_password: secret,
  payload_secret: secret,
  commerce_jwt_secret: secret,
  commerce_cookie_secret: secret,
  storage_access_key_id: secret,
  storage_secret_access_key: secret,
  site_client_secret: secret,
  cms_client_secret: secret,
  commerce_client_secret: secret,
  site_session_secret: secret,
  stripe_secret_key: secret,
  stripe_webhook_secret: secret,
  service_key_cms_to_realtime: secret,
  service_key_cms_to_commerce: secret,
  service_key_cms_to_site: secret,
  service_key_realtime_to_cms: secret,
  service_key_site_to_cms: secret,
  service_key_site_to_realtime: secret,
  service_key_commerce_to_cms: secret,
  service_key_commerce_to_realtime: secret,
  receipt_keys: () =>
    JSON.stringify([
      { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'sandbox-1' },
    ]),
  // The form is Medusa's. It is kept here because it must stay the same, not because anybody may not know it.
  commerce_publishable_key: () => `pk_${randomBytes(32).toString('hex')}`,
};

type Name = keyof typeof MAKERS;
export type Secrets = Record<Name, string>;

/**
 * The sandbox's secrets, made once for each data folder and kept there, readable by its owner only. Each begins with
 * `sandbox-` (of the keys that sign receipts, their ids do), which is how the programs know and refuse them in production.
 */
export function readOrMakeSecrets(home: string): Secrets {
  const file = path.join(home, 'secrets.json');
  let kept: Partial<Secrets> = {};
  try {
    kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Failure(
        `${file} can’t be read (${error.message}): put it right, or delete it and begin with empty data: npm start -- --fresh`,
        { cause: error },
      );
    }
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const missing = (Object.keys(MAKERS) as Name[]).filter((name) => !kept[name]);
  for (const name of missing) kept[name] = MAKERS[name]();
  if (missing.length > 0) {
    writeWhole(file, `${JSON.stringify(kept, null, 2)}\n`, 0o600);
  }
  return kept as Secrets;
}
