import type { Client } from 'pg';

/** Payments, refunds and disputes as we know them (src/payments/store.ts), Stripe's events, and what realtime is to be told. */
export async function createPayments(client: Client): Promise<void> {
  await client.query(`create table if not exists commerce_payment (
    id text primary key,
    person_id uuid not null,
    way text not null check (way in ('checkout', 'saved_card')),
    amount_cents int not null check (amount_cents > 0),
    pack text,
    return_path text not null,
    idempotency_key text not null,
    request_hash text not null,
    state text not null default 'new' check (state in
      ('new', 'open', 'processing', 'paid', 'credited', 'refunded', 'disputed', 'expired', 'failed')),
    cart_id text,
    order_id text unique,
    medusa_payment_id text unique,
    checkout_session_id text unique,
    checkout_url text,
    payment_intent_id text unique,
    payment_method_id text,
    captured_cents int not null default 0 check (captured_cents >= 0),
    credited_cents int not null default 0 check (credited_cents >= 0),
    refunded_cents int not null default 0 check (refunded_cents between 0 and captured_cents),
    disputed_cents int not null default 0 check (disputed_cents >= 0),
    card_brand text,
    card_last4 text,
    failure_code text,
    failure_message text,
    created_at timestamptz not null default now(),
    settle_at timestamptz,
    settle_attempts int not null default 0,
    settle_error text,
    unique (person_id, idempotency_key)
  )`);
  await client.query(
    'create index if not exists commerce_payment_person on commerce_payment (person_id, created_at desc, id desc)',
  );
  await client.query(
    'create index if not exists commerce_payment_settle_at on commerce_payment (settle_at) where settle_at is not null',
  );
  await client.query(
    `alter table commerce_payment add column if not exists automatic boolean not null default false,
       add column if not exists automatic_told boolean not null default false`,
  );
  // One at a time for a person: the next begins when what became of the last is counted.
  await client.query(
    `create unique index if not exists commerce_payment_automatic on commerce_payment (person_id)
       where automatic and not automatic_told`,
  );
  await client.query(`create table if not exists commerce_automatic_top_up (
    person_id uuid primary key,
    is_on boolean not null,
    card_id text not null,
    card_name text not null,
    amount_cents int not null check (amount_cents > 0),
    threshold_cents int not null check (threshold_cents > 0),
    ceiling_cents int not null check (ceiling_cents >= amount_cents),
    time_zone text not null,
    consented_at timestamptz not null default now(),
    ask_at timestamptz not null default now(),
    failures int not null default 0,
    off_reason text check (off_reason in ('failures', 'card_gone')),
    last_failure_code text,
    last_failure_message text
  )`);
  await client.query(`create table if not exists commerce_refund (
    id text primary key,
    payment_id text not null references commerce_payment (id),
    amount_cents int not null check (amount_cents > 0),
    state text not null check (state in ('wanted', 'reserved', 'sent', 'posted', 'booked', 'refused')),
    stripe_refund_id text unique,
    refused_code text,
    refused_detail text,
    refundable_cents int,
    note text,
    reason_id text,
    created_by text,
    failed_late boolean not null default false,
    created_at timestamptz not null default now()
  )`);
  await client.query('alter table commerce_refund add column if not exists booked_at timestamptz');
  await client.query('create index if not exists commerce_refund_payment on commerce_refund (payment_id)');
  await client.query(`create table if not exists commerce_dispute (
    id text primary key,
    payment_id text not null references commerce_payment (id),
    amount_cents int not null,
    told text not null check (told in ('open', 'won', 'lost')),
    created_at timestamptz not null default now()
  )`);
  await client.query('create index if not exists commerce_dispute_payment on commerce_dispute (payment_id)');
  await client.query(`create table if not exists commerce_stripe_customer (
    person_id uuid primary key,
    stripe_customer_id text not null unique
  )`);
  await client.query(`create table if not exists commerce_stripe_event (
    id text primary key,
    type text not null,
    body jsonb not null,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'dead')),
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    last_error text,
    received_at timestamptz not null default now(),
    done_at timestamptz
  )`);
  await client.query(
    `create index if not exists commerce_stripe_event_due on commerce_stripe_event (due_at) where state = 'waiting'`,
  );
  await client.query(`create table if not exists commerce_outbox (
    path text primary key,
    body jsonb not null,
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    last_error text,
    created_at timestamptz not null default now()
  )`);
  await client.query('create index if not exists commerce_outbox_due on commerce_outbox (due_at)');
  await client.query(`create table if not exists commerce_reconciliation (
    id bigint primary key generated always as identity,
    asked_at timestamptz not null default now(),
    finished_at timestamptz,
    report jsonb,
    error text
  )`);
}
