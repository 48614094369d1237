-- The ledger: accounts, transfers, entries. The running role may read all of it and write none of it: the doors are the
-- functions of this file and the next ones, which belong to the owner and run with the owner's rights.

-- In the order in which accounts are locked (LED-12).
CREATE TYPE account_kind AS ENUM (
  'wallet', 'hold', 'debt', 'earnings', 'disputes', 'promotions', 'payouts', 'card_clearing', 'revenue'
);

CREATE TYPE transfer_kind AS ENUM (
  'top_up', 'promotion', 'minute', 'gift', 'tip', 'purchase', 'reserve', 'settle', 'release',
  'refund_reserve', 'refund_settle', 'refund_release', 'dispute_open', 'dispute_won', 'dispute_lost', 'payout', 'reversal'
);

-- What each kind of transfer may take from and give to: a way of spending can't pass itself off as one that limits exempt.
CREATE TABLE transfer_kinds (
  kind        transfer_kind PRIMARY KEY,
  takes_from  account_kind[] NOT NULL,
  gives_to    account_kind[] NOT NULL,
  -- Counts on the payer's budgets.
  spends      boolean NOT NULL,
  -- Has a door of its own (the tick, holds, reversals) and is refused by ledger_post.
  own_door    boolean NOT NULL
);

INSERT INTO transfer_kinds (kind, takes_from, gives_to, spends, own_door) VALUES
  ('top_up',         '{card_clearing}', '{wallet,debt}',            false, false),
  ('promotion',      '{promotions}',    '{wallet}',                 false, false),
  ('minute',         '{wallet}',        '{earnings,revenue}',       true,  true),
  ('gift',           '{wallet}',        '{earnings,revenue}',       true,  false),
  ('tip',            '{wallet}',        '{earnings,revenue}',       true,  false),
  ('purchase',       '{wallet}',        '{earnings,revenue}',       true,  false),
  ('reserve',        '{wallet}',        '{hold}',                   true,  true),
  ('settle',         '{hold}',          '{earnings,revenue,wallet}', false, true),
  ('release',        '{hold}',          '{wallet}',                 false, true),
  ('refund_reserve', '{wallet}',        '{hold}',                   false, true),
  ('refund_settle',  '{hold}',          '{card_clearing,wallet}',   false, true),
  ('refund_release', '{hold}',          '{wallet}',                 false, true),
  ('dispute_open',   '{wallet,debt}',   '{disputes}',               false, false),
  ('dispute_won',    '{disputes}',      '{wallet,debt}',            false, false),
  ('dispute_lost',   '{disputes}',      '{card_clearing}',          false, false),
  ('payout',         '{earnings}',      '{payouts}',                false, false),
  ('reversal',       '{}',              '{}',                       false, true);

CREATE TABLE accounts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  balance       bigint NOT NULL DEFAULT 0,
  -- All that was ever spent from here, less what was given back. Budgets of this wallet measure against it.
  spent         bigint NOT NULL DEFAULT 0,
  -- What `spent` may not pass, and until when that holds: the budgets of this wallet, boiled down (LED-20).
  spend_ceiling bigint,
  ceiling_until timestamptz,
  -- How far below zero the balance stands by a reversal (LED-6).
  overdrawn     bigint NOT NULL DEFAULT 0,
  -- The number of this account's last entry.
  version       integer NOT NULL DEFAULT 0,
  kind          account_kind NOT NULL,
  name          text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(name) BETWEEN 1 AND 128),
  -- Overdraft is refused here, not by whoever looked before.
  CONSTRAINT balance_too_low CHECK (
    balance >= 0 OR kind IN ('debt', 'promotions', 'card_clearing', 'revenue') OR (kind = 'earnings' AND balance >= -overdrawn)
  ),
  CONSTRAINT balance_too_high CHECK (balance <= 9007199254740991 AND (kind <> 'debt' OR balance <= 0)),
  CONSTRAINT overdrawn_is_debt CHECK (overdrawn >= 0 AND (overdrawn = 0 OR kind = 'earnings'))
-- Half of each page stays free, so that a new version of a row lands beside the old one and no index is touched.
) WITH (fillfactor = 50);

CREATE TABLE transfers (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- When it was written, and the moment that it stands for: a minute is charged as of when it was due.
  created_at   timestamptz NOT NULL,
  effective_at timestamptz NOT NULL,
  kind         transfer_kind NOT NULL,
  key          text COLLATE "C" NOT NULL UNIQUE,
  reverses     bigint,
  -- Of what the caller asked for; null for a minute, whose content is the meter's.
  content_hash bytea,
  -- The budgets beside the payer's own that counted it.
  budgets      bigint[],
  details      jsonb
);
CREATE UNIQUE INDEX transfers_reverses ON transfers (reverses) WHERE reverses IS NOT NULL;

CREATE TABLE entries (
  transfer_id    bigint NOT NULL,
  account_id     bigint NOT NULL,
  balance_after  bigint NOT NULL,
  -- The account's own count, without a gap.
  version        integer NOT NULL,
  amount         integer NOT NULL,
  balance_before bigint GENERATED ALWAYS AS (balance_after - amount) VIRTUAL,
  PRIMARY KEY (transfer_id, account_id),
  CONSTRAINT entries_account_version UNIQUE (account_id, version)
);

-- One check a statement, over all that it wrote: a foreign key or a trigger on each row would cost the tick more than its
-- writing does. Holds for whatever writes, the owner included.
CREATE FUNCTION entries_check() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
  lowest bigint;
  highest bigint;
  unbalanced bigint;
  ids bigint[];
BEGIN
  SELECT min(transfer_id), max(transfer_id), min(transfer_id) FILTER (WHERE total <> 0) INTO lowest, highest, unbalanced
  FROM (SELECT transfer_id, sum(amount) AS total FROM added GROUP BY transfer_id) t;
  IF unbalanced IS NOT NULL THEN
    RAISE EXCEPTION 'the legs of transfer % do not sum to zero', unbalanced
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entries_sum_zero';
  END IF;
  IF EXISTS (SELECT transfer_id FROM added EXCEPT SELECT id FROM public.transfers WHERE id BETWEEN lowest AND highest) THEN
    RAISE EXCEPTION 'an entry names a transfer that is none'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entries_transfer';
  END IF;
  SELECT array_agg(DISTINCT account_id) INTO ids FROM added;
  IF (SELECT count(*) FROM public.accounts WHERE id = ANY (ids)) <> cardinality(ids) THEN
    RAISE EXCEPTION 'an entry names an account that is none'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entries_account';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_check AFTER INSERT ON entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entries_check();

-- Append-only for everybody, the owner included. The running role has not even the right to ask.
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER accounts_stay BEFORE DELETE OR TRUNCATE ON accounts
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();

-- The platform's accounts. What everybody pays into is 64 sub-balances, so that nobody waits for one row (LED-13).
INSERT INTO accounts (kind, name)
SELECT k, k || ':' || n FROM unnest(ARRAY['card_clearing', 'revenue']::account_kind[]) k, generate_series(0, 63) n;
INSERT INTO accounts (kind, name) VALUES ('disputes', 'disputes'), ('promotions', 'promotions'), ('payouts', 'payouts');

-- What ledger_spend_ceiling finds to do when a day or a week is over.
CREATE INDEX accounts_ceiling_until ON accounts (ceiling_until) WHERE ceiling_until IS NOT NULL;

GRANT SELECT ON accounts, transfers, entries, transfer_kinds TO :"running_role";
