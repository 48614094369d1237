import type { Client } from 'pg';

/** Orders of goods beside top-ups in our record of payments; files that are sold, and who may have them. */
export async function createShop(client: Client): Promise<void> {
  await client.query(`alter table commerce_payment
    drop constraint if exists commerce_payment_way_check,
    add column if not exists purpose text not null default 'top_up' check (purpose in ('top_up', 'goods')),
    add column if not exists hold_id text unique,
    add column if not exists ended_code text`);
  await client.query(`alter table commerce_payment
    drop constraint if exists commerce_payment_wallet,
    add constraint commerce_payment_wallet check (way <> 'wallet' or purpose = 'goods')`);
  // Nobody is thanked for an order of long ago.
  await client.query(`alter table commerce_payment
    add column if not exists thanked boolean not null default true,
    alter column thanked set default false`);
  await client.query('create index if not exists commerce_payment_cart on commerce_payment (cart_id)');
  await client.query(`create table if not exists commerce_file (
    id text primary key,
    product_id text not null,
    object_key text not null unique,
    name text not null,
    content_type text not null,
    bytes bigint not null check (bytes > 0),
    created_by text,
    created_at timestamptz not null default now(),
    removed_at timestamptz
  )`);
  await client.query('create index if not exists commerce_file_product on commerce_file (product_id)');
  await client.query(`create table if not exists commerce_entitlement (
    id text primary key,
    payment_id text not null references commerce_payment (id),
    line_item_id text not null unique,
    product_id text not null,
    downloads int not null default 0,
    most_downloads int not null check (downloads <= most_downloads),
    revoked_at timestamptz,
    created_at timestamptz not null default now()
  )`);
  await client.query(
    'create index if not exists commerce_entitlement_payment on commerce_entitlement (payment_id)',
  );
}
