import { createHash } from 'node:crypto';
import type { Payload } from 'payload';

const KEY = 'seed';

/**
 * What of the world was written before, as fingerprints in Payload's own key-value table. What the world says anew is
 * written, what it says as before is left alone: so a second run does nothing, and what somebody changed in the admin stays.
 */
export type Memory = {
  /** True when exactly this was written before. */
  has(name: string, content: unknown): boolean;
  remember(name: string, content: unknown): void;
  save(): Promise<void>;
};

export async function openMemory(payload: Payload): Promise<Memory> {
  const fingerprints = { ...(await payload.kv.get<Record<string, string>>(KEY)) };
  let saving = Promise.resolve();
  return {
    has: (name, content) => fingerprints[name] === fingerprint(content),
    remember(name, content) {
      fingerprints[name] = fingerprint(content);
    },
    // One after the other: collections are written side by side, and all share one row.
    save() {
      saving = saving.then(() => payload.kv.set(KEY, fingerprints));
      return saving;
    },
  };
}

function fingerprint(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
