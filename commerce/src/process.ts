import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

/**
 * Sets up the process before Medusa is imported, since Medusa reads these names while it loads.
 * @returns the folder of `medusa-config` and `src`: this package, or a copy of what `build` made of it.
 */
export function prepareProcess(): string {
  // Anything but production makes Medusa bundle the admin anew with Vite; what we mean by production is SOULSEER_ENV.
  process.env.NODE_ENV = 'production';
  process.env.MEDUSA_DISABLE_TELEMETRY = 'true';
  // What Medusa's dependencies will have to change before their next major version is nothing for our log.
  process.noDeprecation = true;
  // Medusa loads some 5 000 files; compiled once, they are read back on the next start.
  enableCompileCache();
  const root = resolve(__dirname, '..');
  process.chdir(root);
  return root;
}
