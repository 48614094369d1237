/** The last guard before the audit log, which nobody can ever clean: what looks like a secret doesn't get in. Pure. */

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const SECRET_NAME = /token|secret|passw|authoriz|cookie|credential|api[-_]?key|signature/i;
/** A JSON Web Token, or the header of one. */
const SECRET_TEXT = /\beyJ[\w-]{10,}|\bbearer\s+\S{8,}/i;

export function withoutSecrets(details: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      SECRET_NAME.test(name) && value !== null ? '[redacted]' : clean(value),
    ]),
  );
}

function clean(value: Json): Json {
  if (typeof value === 'string') return SECRET_TEXT.test(value) ? '[redacted]' : value;
  if (Array.isArray(value)) return value.map(clean);
  return value !== null && typeof value === 'object' ? withoutSecrets(value) : value;
}
