-- Money of the shop: refunds that a card company made by itself, refunds of captured orders, and what of a card payment can
-- still be given back.

-- A new value of an enum can't be used before it is committed. Run again after a failure below, this does nothing.
ALTER TYPE transfer_kind ADD VALUE IF NOT EXISTS 'card_refund';
ALTER TYPE transfer_kind ADD VALUE IF NOT EXISTS 'order_refund';
COMMIT;
BEGIN;

INSERT INTO transfer_kinds (kind, takes_from, gives_to, spends, own_door) VALUES
  ('card_refund',  '{wallet,debt}', '{card_clearing}', false, false),
  ('order_refund', '{revenue}',     '{wallet}',        false, true);

-- Holds have the shop's own ids in their names: up to 120 characters, and what they are for.
ALTER TABLE accounts DROP CONSTRAINT accounts_name_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_name_check CHECK (octet_length(name) BETWEEN 1 AND 160);

-- What of a settled hold went to the platform, and what of that was given back since (LED-26).
ALTER TABLE holds
  ADD COLUMN posted_cents bigint NOT NULL DEFAULT 0,
  ADD COLUMN refunded_cents bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT refunded_more_than_posted CHECK (refunded_cents BETWEEN 0 AND posted_cents);
UPDATE holds h SET
  posted_cents = p.cents,
  refunded_cents = CASE WHEN EXISTS (SELECT FROM transfers r WHERE r.reverses = h.closed_by) THEN p.cents ELSE 0 END
FROM (
  SELECT e.transfer_id, sum(e.amount) AS cents FROM entries e JOIN accounts a ON a.id = e.account_id
  WHERE a.kind = 'revenue' AND e.transfer_id IN (SELECT closed_by FROM holds) GROUP BY e.transfer_id
) p
JOIN transfers t ON t.id = p.transfer_id AND t.kind = 'settle'
WHERE p.transfer_id = h.closed_by;

-- All that happened to a card payment. A minute has no details and is not in it.
DROP INDEX transfers_refunds;
CREATE INDEX transfers_payment ON transfers ((details ->> 'payment_id')) WHERE details ->> 'payment_id' IS NOT NULL;

-- What became of card payments, from the entries. Whoever has to rely on it holds the lock of the person's wallet, without
-- which none of it changes.
CREATE FUNCTION card_payments(payment_ids text[])
RETURNS TABLE (payment_id text, person text, credited bigint, refunded bigint, reserved bigint, disputed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off SET jit = off
BEGIN ATOMIC
  SELECT p.id, min(t.details ->> 'person') FILTER (WHERE t.kind = 'top_up'),
    coalesce(sum(- e.amount) FILTER (WHERE t.kind = 'top_up' AND a.kind = 'card_clearing'), 0)::bigint,
    coalesce(sum(e.amount) FILTER (WHERE t.kind IN ('refund_settle', 'card_refund') AND a.kind = 'card_clearing'), 0)::bigint,
    coalesce(sum(e.amount) FILTER (WHERE t.kind = 'refund_reserve' AND a.kind = 'hold' AND h.closed_by IS NULL), 0)::bigint,
    -- Open, or lost: what was won has left `disputes` for its person again.
    coalesce(sum(e.amount) FILTER (WHERE t.kind IN ('dispute_open', 'dispute_won') AND a.kind = 'disputes'), 0)::bigint
  FROM unnest(payment_ids) p (id)
  JOIN transfers t ON t.details ->> 'payment_id' = p.id AND (t.kind <> 'top_up' OR t.key = 'payment:' || p.id)
  JOIN entries e ON e.transfer_id = t.id
  JOIN accounts a ON a.id = e.account_id
  LEFT JOIN holds h ON h.transfer_id = t.id
  GROUP BY p.id
  HAVING count(*) FILTER (WHERE t.kind = 'top_up') > 0;
END;
REVOKE ALL ON FUNCTION card_payments FROM PUBLIC;
GRANT EXECUTE ON FUNCTION card_payments TO :"running_role";

-- As in 000003, with names as long as the shop's, and answering a call again also when its end is over.
CREATE OR REPLACE FUNCTION ledger_reserve_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hash bytea := ledger_hash(t);
  written bigint;
  payer accounts;
  hold_id bigint;
  cents integer;
  exempt boolean := coalesce((t -> 'exempt')::boolean, false);
  ends timestamptz := to_timestamp((t ->> 'ends_at_ms')::bigint / 1000.0);
BEGIN
  IF coalesce((t -> 'cents')::text, '') !~ '^[1-9][0-9]{0,8}$' THEN PERFORM ledger_refuse('bad_amount'); END IF;
  IF coalesce(t ->> 'hold', '') !~ '^[A-Za-z0-9_:-]{1,140}$' THEN PERFORM ledger_refuse('bad_account', t ->> 'hold'); END IF;
  IF ends IS NULL THEN PERFORM ledger_refuse('bad_end'); END IF;
  cents := (t ->> 'cents')::integer;
  SELECT * INTO payer FROM accounts WHERE name = t ->> 'from' AND kind = 'wallet' FOR NO KEY UPDATE;
  IF payer.id IS NULL THEN PERFORM ledger_refuse('unknown_account', t ->> 'from'); END IF;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  IF ends <= at THEN PERFORM ledger_refuse('bad_end'); END IF;
  INSERT INTO accounts (kind, name) VALUES ('hold', 'hold:' || (t ->> 'hold')) ON CONFLICT (name) DO NOTHING RETURNING id INTO hold_id;
  IF hold_id IS NULL THEN PERFORM ledger_refuse('hold_exists', t ->> 'hold'); END IF;
  written := ledger_write(
    t ->> 'key', CASE WHEN exempt THEN 'refund_reserve' ELSE 'reserve' END::transfer_kind, hash, at, NULL,
    CASE WHEN NOT exempt THEN ledger_count(payer.id, cents, ARRAY(SELECT jsonb_array_elements_text(coalesce(t -> 'budgets', '[]'))), at) END,
    t -> 'details', ARRAY[payer.id, hold_id], ARRAY[- cents, cents], CASE WHEN exempt THEN 0 ELSE cents END);
  INSERT INTO holds (account_id, payer_id, transfer_id, ends_at) VALUES (hold_id, payer.id, written, ends);
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- As in 000003, and it keeps what went to the platform.
CREATE OR REPLACE FUNCTION ledger_close_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hash bytea := ledger_hash(t);
  written bigint;
  legs jsonb := coalesce(t -> 'legs', '[]');
  held accounts;
  h holds;
  opened transfers;
  rule transfer_kinds;
  leg record;
  ids bigint[] := '{}';
  amounts integer[] := '{}';
  rest bigint;
  revenue bigint := 0;
BEGIN
  SELECT ho.* INTO h FROM holds ho JOIN accounts a ON a.id = ho.account_id WHERE a.name = 'hold:' || (t ->> 'hold');
  IF h.account_id IS NULL THEN PERFORM ledger_refuse('unknown_hold', t ->> 'hold'); END IF;
  SELECT * INTO STRICT opened FROM transfers WHERE id = h.transfer_id;
  SELECT * INTO STRICT rule FROM transfer_kinds k WHERE k.kind = (CASE
    WHEN opened.kind = 'reserve' THEN CASE WHEN legs = '[]' THEN 'release' ELSE 'settle' END
    ELSE CASE WHEN legs = '[]' THEN 'refund_release' ELSE 'refund_settle' END END)::transfer_kind;
  FOR leg IN
    SELECT a.id, a.kind, l.leg ->> 0 AS name, l.leg -> 1 AS cents
    FROM jsonb_array_elements(legs) l (leg) LEFT JOIN accounts a ON a.name = ledger_address(l.leg ->> 0) ORDER BY a.kind, a.id
  LOOP
    IF leg.id IS NULL THEN PERFORM ledger_refuse('unknown_account', leg.name); END IF;
    IF jsonb_typeof(leg.cents) IS DISTINCT FROM 'number' OR leg.cents::text !~ '^[1-9][0-9]{0,8}$' THEN PERFORM ledger_refuse('bad_amount', leg.name); END IF;
    IF leg.id = ANY (ids) THEN PERFORM ledger_refuse('same_account_twice', leg.name); END IF;
    IF leg.kind = 'wallet' OR NOT leg.kind = ANY (rule.gives_to) THEN PERFORM ledger_refuse('bad_direction', leg.name); END IF;
    ids := ids || leg.id;
    amounts := amounts || leg.cents::integer;
    IF leg.kind = 'revenue' THEN revenue := revenue + leg.cents::integer; END IF;
  END LOOP;
  PERFORM 1 FROM accounts WHERE id = ANY (ids || h.account_id || h.payer_id) ORDER BY kind, id FOR NO KEY UPDATE;
  SELECT * INTO STRICT held FROM accounts WHERE id = h.account_id;
  SELECT * INTO STRICT h FROM holds WHERE account_id = h.account_id;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  IF h.closed_by IS NOT NULL THEN PERFORM ledger_refuse('hold_closed', t ->> 'hold'); END IF;
  IF legs <> '[]' AND at >= h.ends_at THEN PERFORM ledger_refuse('hold_ended', t ->> 'hold'); END IF;
  rest := held.balance - coalesce((SELECT sum(x) FROM unnest(amounts) x), 0);
  IF rest < 0 THEN PERFORM ledger_refuse('more_than_held', t ->> 'hold'); END IF;
  ids := ids || h.account_id;
  amounts := amounts || - held.balance::integer;
  IF rest > 0 THEN
    ids := ids || h.payer_id;
    amounts := amounts || rest::integer;
  END IF;
  written := ledger_write(t ->> 'key', rule.kind, hash, at, NULL, NULL, t -> 'details', ids, amounts, 0);
  UPDATE holds SET closed_by = written, posted_cents = revenue WHERE account_id = h.account_id;
  IF opened.kind = 'reserve' AND rest > 0 THEN PERFORM ledger_give_back(h.payer_id, rest, opened.created_at, opened.budgets, at); END IF;
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- As in 000003, but not for what was given back in parts already.
CREATE OR REPLACE FUNCTION ledger_reverse_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hash bytea := ledger_hash(t);
  written bigint;
  old transfers;
  counted transfers;
  ids bigint[];
  amounts integer[];
  wallet bigint;
  cents bigint;
BEGIN
  SELECT * INTO old FROM transfers WHERE key = t ->> 'reverses';
  IF old.id IS NULL THEN PERFORM ledger_refuse('unknown_transfer', t ->> 'reverses'); END IF;
  IF old.kind NOT IN ('top_up', 'promotion', 'minute', 'gift', 'tip', 'purchase', 'settle') THEN PERFORM ledger_refuse('not_reversible', old.key); END IF;
  SELECT array_agg(l.id ORDER BY l.kind, l.id), array_agg(l.amount ORDER BY l.kind, l.id) INTO ids, amounts
  FROM (
    SELECT a.id, a.kind, - sum(e.amount)::integer AS amount
    FROM entries e LEFT JOIN holds h ON h.account_id = e.account_id JOIN accounts a ON a.id = coalesce(h.payer_id, e.account_id)
    WHERE e.transfer_id = old.id GROUP BY a.id, a.kind
  ) l;
  PERFORM 1 FROM accounts WHERE id = ANY (ids) ORDER BY kind, id FOR NO KEY UPDATE;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  -- Under the locks nobody else can be at it: what was reversed is reversed for good.
  IF EXISTS (SELECT FROM transfers WHERE reverses = old.id) THEN PERFORM ledger_refuse('already_reversed', old.key); END IF;
  -- What was given back in parts can't be given back whole.
  IF old.kind = 'settle' THEN
    UPDATE holds SET refunded_cents = posted_cents WHERE closed_by = old.id AND refunded_cents = 0;
    IF NOT FOUND THEN PERFORM ledger_refuse('already_reversed', old.key); END IF;
  END IF;
  written := ledger_write(t ->> 'key', 'reversal', hash, at, old.id, NULL, t -> 'details', ids, amounts, 0);
  IF old.kind IN ('minute', 'gift', 'tip', 'purchase', 'settle') THEN
    SELECT coalesce(r.id, old.id) INTO counted.id
    FROM (SELECT) one LEFT JOIN LATERAL (
      SELECT h.transfer_id AS id FROM entries e JOIN holds h ON h.account_id = e.account_id WHERE e.transfer_id = old.id
    ) r ON true;
    SELECT * INTO STRICT counted FROM transfers WHERE id = counted.id;
    SELECT e.account_id, e.amount INTO wallet, cents FROM entries e JOIN accounts a ON a.id = e.account_id
    WHERE e.transfer_id = written AND a.kind = 'wallet';
    PERFORM ledger_give_back(wallet, cents, counted.created_at, counted.budgets, at);
  END IF;
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- Gives back a part of what a settled hold paid to the platform: {key, hold, cents, details}. An entry of nothing on the hold's
-- account says whose refund it is.
CREATE FUNCTION ledger_refund_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hash bytea := ledger_hash(t);
  written bigint;
  h holds;
  opened transfers;
  cents integer;
  revenue bigint;
BEGIN
  IF coalesce((t -> 'cents')::text, '') !~ '^[1-9][0-9]{0,8}$' THEN PERFORM ledger_refuse('bad_amount'); END IF;
  cents := (t ->> 'cents')::integer;
  SELECT ho.* INTO h FROM holds ho JOIN accounts a ON a.id = ho.account_id WHERE a.name = 'hold:' || (t ->> 'hold');
  IF h.account_id IS NULL THEN PERFORM ledger_refuse('unknown_hold', t ->> 'hold'); END IF;
  SELECT * INTO STRICT opened FROM transfers WHERE id = h.transfer_id;
  SELECT a.id INTO STRICT revenue FROM accounts a WHERE a.name = ledger_address('revenue');
  PERFORM 1 FROM accounts WHERE id IN (h.payer_id, h.account_id, revenue) ORDER BY kind, id FOR NO KEY UPDATE;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  SELECT * INTO STRICT h FROM holds WHERE account_id = h.account_id;
  IF NOT EXISTS (SELECT FROM transfers WHERE id = h.closed_by AND kind = 'settle') THEN PERFORM ledger_refuse('hold_not_posted', t ->> 'hold'); END IF;
  -- The row's own check says how much.
  UPDATE holds SET refunded_cents = refunded_cents + cents WHERE account_id = h.account_id;
  written := ledger_write(t ->> 'key', 'order_refund', hash, at, NULL, NULL, t -> 'details', ARRAY[h.payer_id, h.account_id, revenue], ARRAY[cents, 0, - cents], 0);
  PERFORM ledger_give_back(h.payer_id, cents, opened.created_at, opened.budgets, at);
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;
REVOKE ALL ON FUNCTION ledger_refund_one FROM PUBLIC;

-- As in 000003: what an order gave back counts for the hold that it was.
CREATE OR REPLACE FUNCTION ledger_spent_since(wallet bigint, since timestamptz) RETURNS bigint LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp
RETURN (
  SELECT coalesce(sum(- e.amount), 0)::bigint
  FROM entries e
  JOIN transfers t ON t.id = e.transfer_id
  JOIN transfer_kinds k ON k.kind = t.kind
  LEFT JOIN transfers o ON o.id = CASE
    WHEN t.kind = 'reversal' THEN (
      SELECT coalesce(h.transfer_id, t.reverses) FROM transfers r
      LEFT JOIN entries he ON he.transfer_id = r.id AND r.kind = 'settle'
      LEFT JOIN holds h ON h.account_id = he.account_id
      WHERE r.id = t.reverses ORDER BY h.transfer_id NULLS LAST LIMIT 1)
    WHEN t.kind IN ('settle', 'release', 'order_refund') THEN (
      SELECT h.transfer_id FROM holds h JOIN entries he ON he.account_id = h.account_id WHERE he.transfer_id = t.id LIMIT 1)
  END
  LEFT JOIN transfer_kinds ok ON ok.kind = o.kind
  WHERE e.account_id = wallet AND t.created_at >= since AND (k.spends OR (ok.spends AND o.created_at >= since))
);

-- As in 000003, with refunds of orders.
CREATE OR REPLACE FUNCTION ledger_post(commands jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
-- A few rows by their keys, always; the planner takes the JSON for a hundred and would read whole tables.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE
  command jsonb;
  results jsonb := '[]';
  code text;
  subject text;
  broken text;
BEGIN
  -- Twice only when a key was written between our look and our write: the second look sees it.
  FOR attempt IN 1 .. 2 LOOP
    BEGIN
      -- Budgets of a session first, as the tick has them: whoever held an account and waited for one could meet it head on.
      IF jsonb_path_exists(commands, '$[*] ? (@.budgets.size() > 2 || exists(@.reverses) || @.do == "close" || @.do == "refund")') THEN
        PERFORM 1 FROM budgets WHERE id = ANY (ARRAY(
          SELECT b.id FROM jsonb_array_elements(commands) c, jsonb_array_elements_text(c -> 'budgets') k JOIN budgets b ON b.key = k AND NOT b.whole_account
          UNION SELECT unnest(t.budgets) FROM jsonb_array_elements(commands) c JOIN transfers t ON t.key = c ->> 'reverses'
          UNION SELECT unnest(o.budgets) FROM jsonb_array_elements(commands) c JOIN transfers t ON t.key = c ->> 'reverses'
            JOIN entries e ON e.transfer_id = t.id JOIN holds h ON h.account_id = e.account_id JOIN transfers o ON o.id = h.transfer_id
          UNION SELECT unnest(o.budgets) FROM jsonb_array_elements(commands) c JOIN accounts a ON a.name = 'hold:' || (c ->> 'hold')
            JOIN holds h ON h.account_id = a.id JOIN transfers o ON o.id = h.transfer_id
        )) ORDER BY id FOR NO KEY UPDATE;
      END IF;
      -- Several at once: all their accounts first, or two calls could each hold what the other waits for.
      IF jsonb_array_length(commands) > 1 THEN
        PERFORM 1 FROM accounts WHERE id = ANY (ARRAY(
          SELECT a.id FROM jsonb_array_elements(commands) c, jsonb_array_elements(c -> 'legs') l JOIN accounts a ON a.name = ledger_address(l ->> 0)
          UNION SELECT a.id FROM jsonb_array_elements(commands) c JOIN accounts a ON a.name = c ->> 'from'
          UNION SELECT unnest(ARRAY[h.account_id, h.payer_id])
            FROM jsonb_array_elements(commands) c JOIN accounts a ON a.name = 'hold:' || (c ->> 'hold') JOIN holds h ON h.account_id = a.id
          UNION SELECT a.id FROM jsonb_array_elements(commands) c JOIN accounts a ON a.name = ledger_address('revenue') WHERE c ->> 'do' = 'refund'
          UNION SELECT coalesce(h.payer_id, e.account_id)
            FROM jsonb_array_elements(commands) c JOIN transfers t ON t.key = c ->> 'reverses'
            JOIN entries e ON e.transfer_id = t.id LEFT JOIN holds h ON h.account_id = e.account_id
        )) ORDER BY kind, id FOR NO KEY UPDATE;
      END IF;
      results := '[]';
      FOR command IN SELECT jsonb_array_elements(commands) LOOP
        results := results || CASE command ->> 'do'
          WHEN 'reverse' THEN ledger_reverse_one(command, at)
          WHEN 'reserve' THEN ledger_reserve_one(command, at)
          WHEN 'close' THEN ledger_close_one(command, at)
          WHEN 'refund' THEN ledger_refund_one(command, at)
          ELSE ledger_post_one(command, at) END;
      END LOOP;
      RETURN jsonb_build_object('transfers', results);
    EXCEPTION
      WHEN SQLSTATE 'SL001' THEN
        GET STACKED DIAGNOSTICS code = MESSAGE_TEXT, subject = PG_EXCEPTION_DETAIL;
        RETURN jsonb_build_object('refused', jsonb_build_object('code', code, 'subject', subject, 'key', command ->> 'key'));
      WHEN SQLSTATE 'SL002' THEN
        IF attempt = 2 THEN RAISE; END IF;
      WHEN check_violation THEN
        GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
        code := CASE broken
          WHEN 'balance_too_low' THEN 'insufficient_balance'
          WHEN 'balance_too_high' THEN 'balance_too_high'
          WHEN 'refunded_more_than_posted' THEN 'more_than_posted' END;
        IF code IS NULL THEN RAISE; END IF;
        RETURN jsonb_build_object('refused', jsonb_build_object('code', code, 'subject', '', 'key', command ->> 'key'));
    END;
  END LOOP;
END $$;
