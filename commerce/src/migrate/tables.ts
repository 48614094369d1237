/**
 * How many tables Medusa 2.21.2 makes with the modules of `medusa-config`, the session table not counted.
 * A half-made schema answers some requests and fails others, so the migration counts. When a new version of Medusa,
 * a module or a link changes the number, the migration says which it found: check the change, then write it here.
 */
export const MEDUSA_TABLES = 144;

/** Our own tables in Medusa's database. */
export const OWN_TABLES = [
  'http_session',
  'commerce_stamp',
  'commerce_person',
  'commerce_limit',
  'commerce_payment',
  'commerce_automatic_top_up',
  'commerce_refund',
  'commerce_dispute',
  'commerce_stripe_customer',
  'commerce_stripe_event',
  'commerce_outbox',
  'commerce_reconciliation',
  'commerce_file',
  'commerce_entitlement',
] as const;
