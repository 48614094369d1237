-- The doors of the ledger: the only ways in which anything is written. A refusal is raised as SL001 with its code as the
-- message, so that whatever was done on the way is undone; the doors answer it as a value and leave the caller's
-- transaction whole.

-- Limits of W8. A budget counts all that its account spends (day, week, pause), or only what names its key (a session).
CREATE TABLE budgets (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id        bigint NOT NULL REFERENCES accounts,
  key               text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 128),
  whole_account     boolean NOT NULL,
  time_window       text NOT NULL CHECK (time_window IN ('day', 'week', 'none')),
  -- As it was when the limit was set.
  time_zone         text NOT NULL,
  -- Null is no limit.
  limit_cents       bigint CHECK (limit_cents >= 0),
  starts_at         timestamptz NOT NULL,
  ends_at           timestamptz NOT NULL,
  -- What is used in the window: for a whole account `spent` less this baseline, otherwise counted here.
  baseline_cents    bigint NOT NULL DEFAULT 0,
  used_cents        bigint NOT NULL DEFAULT 0,
  -- A raise that waits.
  next_limit_cents  bigint CHECK (next_limit_cents >= 0),
  next_limit_at     timestamptz
);
CREATE INDEX budgets_account ON budgets (account_id) WHERE whole_account;

-- Reserved money. It stands on an account of its own until it is settled or released.
CREATE TABLE holds (
  account_id  bigint PRIMARY KEY REFERENCES accounts,
  payer_id    bigint NOT NULL REFERENCES accounts,
  transfer_id bigint NOT NULL UNIQUE REFERENCES transfers,
  ends_at     timestamptz NOT NULL,
  closed_by   bigint REFERENCES transfers
);
CREATE INDEX holds_open ON holds (ends_at) WHERE closed_by IS NULL;

CREATE FUNCTION ledger_refuse(code text, subject text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'SL001', MESSAGE = code, DETAIL = coalesce(subject, '');
END $$;

-- Opens an account of a person, or finds it. Only these kinds are opened from outside.
CREATE FUNCTION ledger_open(account_name text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
  found_id bigint;
BEGIN
  IF account_name !~ '^(wallet|earnings|debt):[A-Za-z0-9_-]{1,64}$' THEN
    RAISE EXCEPTION USING ERRCODE = 'SL001', MESSAGE = 'bad_account', DETAIL = account_name;
  END IF;
  SELECT id INTO found_id FROM accounts WHERE name = account_name;
  IF found_id IS NULL THEN
    INSERT INTO accounts (kind, name) VALUES (split_part(account_name, ':', 1)::account_kind, account_name)
    ON CONFLICT (name) DO NOTHING;
    SELECT id INTO found_id FROM accounts WHERE name = account_name;
  END IF;
  RETURN found_id;
END $$;

-- Each connection pays into a sub-balance of its own, so that it seldom waits for another.
CREATE FUNCTION ledger_address(account_name text) RETURNS text LANGUAGE sql STABLE
RETURN CASE WHEN account_name IN ('revenue', 'card_clearing') THEN account_name || ':' || pg_backend_pid() % 64 ELSE account_name END;

-- Moves windows on that are over, lets raises come true whose time has come, and boils the budgets of a wallet down to one
-- ceiling on its row. The caller holds the wallet's lock.
CREATE FUNCTION ledger_spend_ceiling(wallet bigint, at timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE budgets SET limit_cents = next_limit_cents, next_limit_cents = NULL, next_limit_at = NULL
  WHERE account_id = wallet AND whole_account AND next_limit_at <= at;
  UPDATE budgets b SET
    starts_at = date_trunc(b.time_window, at, b.time_zone),
    ends_at = (date_trunc(b.time_window, at AT TIME ZONE b.time_zone) + ('1 ' || b.time_window)::interval) AT TIME ZONE b.time_zone,
    baseline_cents = a.spent
  FROM accounts a
  WHERE b.account_id = wallet AND b.whole_account AND b.ends_at <= at AND b.time_window <> 'none' AND a.id = wallet;
  UPDATE accounts SET (spend_ceiling, ceiling_until) = (
    SELECT min(b.baseline_cents + b.limit_cents), nullif(min(LEAST(b.ends_at, b.next_limit_at)), 'infinity')
    FROM budgets b WHERE b.account_id = wallet AND b.whole_account
  ) WHERE id = wallet;
END $$;

-- What a wallet has spent since a moment, less what was given back of it.
CREATE FUNCTION ledger_spent_since(wallet bigint, since timestamptz) RETURNS bigint LANGUAGE sql STABLE
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
    WHEN t.kind IN ('settle', 'release') THEN (
      SELECT h.transfer_id FROM holds h JOIN entries he ON he.account_id = h.account_id WHERE he.transfer_id = t.id LIMIT 1)
  END
  LEFT JOIN transfer_kinds ok ON ok.kind = o.kind
  WHERE e.account_id = wallet AND t.created_at >= since AND (k.spends OR (ok.spends AND o.created_at >= since))
);

-- Gives back to the budgets what was counted at `counted_at`: in a window that began later it was never counted.
CREATE FUNCTION ledger_give_back(wallet bigint, cents bigint, counted_at timestamptz, named bigint[], at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE budgets SET used_cents = used_cents - cents WHERE id = ANY (named);
  UPDATE budgets SET baseline_cents = baseline_cents - cents
  WHERE account_id = wallet AND whole_account AND starts_at > counted_at;
  UPDATE accounts SET spent = spent - cents WHERE id = wallet;
  PERFORM ledger_spend_ceiling(wallet, at);
END $$;

-- Counts a spending on every budget of its payer, whose lock the caller holds. Answers the named budgets that counted it.
CREATE FUNCTION ledger_count(wallet bigint, cents bigint, keys text[], at timestamptz) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  a accounts;
  named bigint[];
  person text;
BEGIN
  SELECT * INTO STRICT a FROM accounts WHERE id = wallet;
  person := split_part(a.name, ':', 2);
  -- Who forgets the limits can't spend.
  IF NOT coalesce(keys @> ARRAY[person || ':day', person || ':week'], false) THEN PERFORM ledger_refuse('missing_budget_keys', a.name); END IF;
  IF a.ceiling_until <= at THEN
    PERFORM ledger_spend_ceiling(wallet, at);
    SELECT * INTO STRICT a FROM accounts WHERE id = wallet;
  END IF;
  IF a.spent + cents > a.spend_ceiling THEN
    PERFORM ledger_refuse(
      CASE WHEN EXISTS (SELECT FROM budgets WHERE key = person || ':pause' AND limit_cents = 0) THEN 'spending_paused' ELSE 'spending_limit' END,
      a.name);
  END IF;
  IF cardinality(keys) > 2 THEN
    SELECT array_agg(b.id) INTO named FROM (
      SELECT id FROM budgets WHERE key = ANY (keys) AND account_id = wallet AND NOT whole_account ORDER BY id FOR NO KEY UPDATE
    ) b;
    UPDATE budgets SET limit_cents = next_limit_cents, next_limit_cents = NULL, next_limit_at = NULL
    WHERE id = ANY (named) AND next_limit_at <= at;
    UPDATE budgets SET used_cents = used_cents + cents WHERE id = ANY (named);
    IF EXISTS (SELECT FROM budgets WHERE id = ANY (named) AND used_cents > limit_cents) THEN PERFORM ledger_refuse('spending_limit', a.name); END IF;
  END IF;
  RETURN named;
END $$;

-- Writes one transfer: the row, the balances, the entries. Every door ends here. The caller has locked the accounts.
CREATE FUNCTION ledger_write(
  p_key text, p_kind transfer_kind, p_hash bytea, p_at timestamptz, p_reverses bigint, p_budgets bigint[], p_details jsonb,
  p_accounts bigint[], p_amounts integer[], p_spent bigint
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  new_id bigint;
BEGIN
  INSERT INTO transfers (created_at, effective_at, kind, key, reverses, content_hash, budgets, details)
  VALUES (p_at, p_at, p_kind, p_key, p_reverses, p_hash, p_budgets, p_details)
  ON CONFLICT (key) DO NOTHING RETURNING id INTO new_id;
  -- Somebody wrote the key since we looked.
  IF new_id IS NULL THEN RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'key_taken_meanwhile'; END IF;
  WITH moved AS (
    UPDATE accounts a SET balance = a.balance + l.amount, version = a.version + 1,
      spent = a.spent + CASE WHEN a.kind = 'wallet' THEN p_spent ELSE 0 END,
      overdrawn = CASE
        WHEN a.kind <> 'earnings' THEN 0
        -- Only a reversal may take what a reader has been paid out already.
        WHEN p_kind = 'reversal' THEN GREATEST(0, - a.balance - l.amount)
        ELSE GREATEST(0, LEAST(a.overdrawn, - a.balance - l.amount)) END
    FROM unnest(p_accounts, p_amounts) l (id, amount)
    WHERE a.id = l.id
    RETURNING a.id, a.balance, a.version, l.amount
  )
  INSERT INTO entries (transfer_id, account_id, balance_after, version, amount)
  SELECT new_id, m.id, m.balance, m.version, m.amount FROM moved m;
  RETURN new_id;
END $$;

-- The transfer that has this key already: its id when the content is the same, null when there is none, refused otherwise.
-- Asked under the locks: the same call may have been in flight beside us, and have spent what we would.
CREATE FUNCTION ledger_replay(p_key text, p_hash bytea) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  t transfers;
BEGIN
  IF p_key IS NULL OR length(p_key) NOT BETWEEN 1 AND 200 THEN PERFORM ledger_refuse('bad_key', left(p_key, 200)); END IF;
  SELECT * INTO t FROM transfers WHERE key = p_key;
  IF t.id IS NOT NULL AND t.content_hash IS DISTINCT FROM p_hash THEN PERFORM ledger_refuse('key_reused', p_key); END IF;
  RETURN t.id;
END $$;

CREATE FUNCTION ledger_hash(content jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN sha256(convert_to(content::text, 'UTF8'));

-- One transfer as the caller asks for it: {key, kind, legs: [[account, cents], …], budgets: [key, …], details}.
CREATE FUNCTION ledger_post_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  rule transfer_kinds;
  hash bytea := ledger_hash(t);
  written bigint;
  leg record;
  ids bigint[] := '{}';
  amounts integer[] := '{}';
  payer bigint;
  paid bigint;
  total bigint := 0;
BEGIN
  SELECT * INTO rule FROM transfer_kinds k WHERE k.kind::text = t ->> 'kind' AND NOT own_door;
  IF rule.kind IS NULL THEN PERFORM ledger_refuse('bad_kind', t ->> 'kind'); END IF;
  IF jsonb_typeof(t -> 'legs') IS DISTINCT FROM 'array' OR jsonb_array_length(t -> 'legs') NOT BETWEEN 2 AND 64 THEN PERFORM ledger_refuse('bad_legs'); END IF;
  FOR leg IN
    SELECT a.id, a.kind, l.leg ->> 0 AS name, l.leg -> 1 AS cents
    FROM jsonb_array_elements(t -> 'legs') l (leg)
    LEFT JOIN accounts a ON a.name = ledger_address(l.leg ->> 0)
    ORDER BY a.kind, a.id
  LOOP
    IF leg.id IS NULL THEN PERFORM ledger_refuse('unknown_account', leg.name); END IF;
    IF jsonb_typeof(leg.cents) IS DISTINCT FROM 'number' OR leg.cents::text !~ '^-?[1-9][0-9]{0,8}$' THEN PERFORM ledger_refuse('bad_amount', leg.name); END IF;
    IF leg.id = ANY (ids) THEN PERFORM ledger_refuse('same_account_twice', leg.name); END IF;
    IF NOT leg.kind = ANY (CASE WHEN leg.cents::integer < 0 THEN rule.takes_from ELSE rule.gives_to END) THEN PERFORM ledger_refuse('bad_direction', leg.name); END IF;
    IF leg.kind = 'wallet' AND rule.spends THEN
      IF payer IS NOT NULL THEN PERFORM ledger_refuse('one_payer_only', leg.name); END IF;
      payer := leg.id;
      paid := - leg.cents::integer;
    END IF;
    ids := ids || leg.id;
    amounts := amounts || leg.cents::integer;
    total := total + leg.cents::integer;
  END LOOP;
  IF total <> 0 THEN PERFORM ledger_refuse('unbalanced'); END IF;
  PERFORM 1 FROM accounts WHERE id = ANY (ids) ORDER BY kind, id FOR NO KEY UPDATE;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  written := ledger_write(
    t ->> 'key', rule.kind, hash, at, NULL,
    CASE WHEN rule.spends THEN ledger_count(payer, paid, ARRAY(SELECT jsonb_array_elements_text(coalesce(t -> 'budgets', '[]'))), at) END,
    t -> 'details', ids, amounts, coalesce(paid, 0));
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- Takes back exactly the legs of an earlier transfer. A settled hold is over, so its part goes to its payer.
CREATE FUNCTION ledger_reverse_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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

-- Reserves money: {key, hold, from, amount, ends_at (ms), exempt, budgets}. Exempt is a refund to a card, which no limit binds.
CREATE FUNCTION ledger_reserve_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
  IF coalesce(t ->> 'hold', '') !~ '^[A-Za-z0-9_-]{1,64}$' THEN PERFORM ledger_refuse('bad_account', t ->> 'hold'); END IF;
  IF ends IS NULL OR ends <= at THEN PERFORM ledger_refuse('bad_end'); END IF;
  cents := (t ->> 'cents')::integer;
  SELECT * INTO payer FROM accounts WHERE name = t ->> 'from' AND kind = 'wallet' FOR NO KEY UPDATE;
  IF payer.id IS NULL THEN PERFORM ledger_refuse('unknown_account', t ->> 'from'); END IF;
  written := ledger_replay(t ->> 'key', hash);
  IF written IS NOT NULL THEN RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', true); END IF;
  INSERT INTO accounts (kind, name) VALUES ('hold', 'hold:' || (t ->> 'hold')) ON CONFLICT (name) DO NOTHING RETURNING id INTO hold_id;
  IF hold_id IS NULL THEN PERFORM ledger_refuse('hold_exists', t ->> 'hold'); END IF;
  written := ledger_write(
    t ->> 'key', CASE WHEN exempt THEN 'refund_reserve' ELSE 'reserve' END::transfer_kind, hash, at, NULL,
    CASE WHEN NOT exempt THEN ledger_count(payer.id, cents, ARRAY(SELECT jsonb_array_elements_text(coalesce(t -> 'budgets', '[]'))), at) END,
    t -> 'details', ARRAY[payer.id, hold_id], ARRAY[- cents, cents], CASE WHEN exempt THEN 0 ELSE cents END);
  INSERT INTO holds (account_id, payer_id, transfer_id, ends_at) VALUES (hold_id, payer.id, written, ends);
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- Ends a hold: {key, hold, legs: [[account, cents], …]}. What the legs leave goes back to the payer; no legs release all.
CREATE FUNCTION ledger_close_one(t jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
  UPDATE holds SET closed_by = written WHERE account_id = h.account_id;
  IF opened.kind = 'reserve' AND rest > 0 THEN PERFORM ledger_give_back(h.payer_id, rest, opened.created_at, opened.budgets, at); END IF;
  RETURN jsonb_build_object('id', written, 'key', t ->> 'key', 'replayed', false);
END $$;

-- The door. Commands of any kind, all or nothing: {"transfers": […]} or {"refused": {code, subject, key}}.
CREATE FUNCTION ledger_post(commands jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
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
      IF jsonb_path_exists(commands, '$[*] ? (@.budgets.size() > 2 || exists(@.reverses) || @.do == "close")') THEN
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
        IF broken NOT IN ('balance_too_low', 'balance_too_high') THEN RAISE; END IF;
        RETURN jsonb_build_object('refused', jsonb_build_object(
          'code', CASE broken WHEN 'balance_too_low' THEN 'insufficient_balance' ELSE 'balance_too_high' END, 'subject', '', 'key', command ->> 'key'));
    END;
  END LOOP;
END $$;

-- Sets a limit: lower at once, higher or none after 24 hours. What was spent in the window before counts.
CREATE FUNCTION ledger_set_budget(
  account_name text, p_key text, p_window text, p_zone text, p_limit bigint, p_at timestamptz, p_until timestamptz DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  wallet accounts;
  b budgets;
  person text := split_part(account_name, ':', 2);
  whole boolean := p_key IN (split_part(account_name, ':', 2) || ':day', split_part(account_name, ':', 2) || ':week', split_part(account_name, ':', 2) || ':pause');
BEGIN
  PERFORM 1 FROM budgets WHERE key = p_key AND NOT whole_account FOR NO KEY UPDATE;
  SELECT * INTO wallet FROM accounts WHERE name = account_name AND kind = 'wallet' FOR NO KEY UPDATE;
  IF wallet.id IS NULL THEN PERFORM ledger_refuse('unknown_account', account_name); END IF;
  IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = p_zone) THEN PERFORM ledger_refuse('bad_time_zone', p_zone); END IF;
  IF p_limit NOT BETWEEN 0 AND 999999999 THEN PERFORM ledger_refuse('bad_amount'); END IF;
  IF p_window IS DISTINCT FROM (CASE p_key WHEN person || ':day' THEN 'day' WHEN person || ':week' THEN 'week' ELSE 'none' END) THEN
    PERFORM ledger_refuse('bad_window', p_window);
  END IF;
  -- Windows that are over, and raises that are due, first: they are what the new limit is compared with.
  PERFORM ledger_spend_ceiling(wallet.id, p_at);
  SELECT * INTO b FROM budgets WHERE key = p_key FOR NO KEY UPDATE;
  IF b.id IS NOT NULL AND b.account_id <> wallet.id THEN PERFORM ledger_refuse('bad_key', p_key); END IF;
  IF b.next_limit_at <= p_at THEN
    UPDATE budgets SET limit_cents = next_limit_cents, next_limit_cents = NULL, next_limit_at = NULL WHERE id = b.id RETURNING * INTO b;
  END IF;
  IF b.id IS NULL THEN
    INSERT INTO budgets (account_id, key, whole_account, time_window, time_zone, limit_cents, starts_at, ends_at)
    SELECT wallet.id, p_key, whole, p_window, p_zone, p_limit,
      CASE p_window WHEN 'none' THEN p_at ELSE date_trunc(p_window, p_at, p_zone) END,
      CASE p_window WHEN 'none' THEN 'infinity' ELSE (date_trunc(p_window, p_at AT TIME ZONE p_zone) + ('1 ' || p_window)::interval) AT TIME ZONE p_zone END
    RETURNING * INTO b;
    IF whole THEN
      UPDATE budgets SET baseline_cents = (SELECT spent FROM accounts WHERE id = wallet.id)
        - CASE p_window WHEN 'none' THEN 0 ELSE ledger_spent_since(wallet.id, b.starts_at) END
      WHERE id = b.id RETURNING * INTO b;
    END IF;
  ELSIF coalesce(p_limit, 9223372036854775807) <= coalesce(b.limit_cents, 9223372036854775807) THEN
    UPDATE budgets SET limit_cents = p_limit, time_zone = p_zone, next_limit_cents = NULL, next_limit_at = NULL,
      -- A limit that begins anew measures from now.
      baseline_cents = CASE WHEN whole AND p_window = 'none' AND b.limit_cents IS NULL THEN (SELECT spent FROM accounts WHERE id = wallet.id) ELSE baseline_cents END,
      starts_at = CASE WHEN whole AND p_window = 'none' AND b.limit_cents IS NULL THEN p_at ELSE starts_at END
    WHERE id = b.id RETURNING * INTO b;
  ELSE
    UPDATE budgets SET next_limit_cents = p_limit, next_limit_at = p_at + interval '24 hours', time_zone = p_zone WHERE id = b.id RETURNING * INTO b;
  END IF;
  -- A pause may be set with its end; an end before 24 hours is over would be a raise.
  IF p_until IS NOT NULL THEN
    UPDATE budgets SET next_limit_cents = NULL, next_limit_at = GREATEST(p_until, p_at + interval '24 hours') WHERE id = b.id RETURNING * INTO b;
  END IF;
  PERFORM ledger_spend_ceiling(wallet.id, p_at);
  RETURN jsonb_build_object('key', b.key, 'limit_cents', b.limit_cents, 'next_limit_cents', b.next_limit_cents,
    'next_limit_at_ms', (extract(epoch FROM b.next_limit_at) * 1000)::bigint);
EXCEPTION WHEN SQLSTATE 'SL001' THEN
  RETURN jsonb_build_object('refused', jsonb_build_object('code', SQLERRM, 'subject', account_name));
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep_browser_reports() TO :"running_role";
GRANT EXECUTE ON FUNCTION ledger_open, ledger_post, ledger_set_budget TO :"running_role";
GRANT SELECT ON budgets, holds TO :"running_role";

-- What a person has and owes, locked until the caller's transaction ends; opened when new.
CREATE FUNCTION ledger_lock_person(person text) RETURNS TABLE (kind account_kind, balance bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM ledger_open('wallet:' || person), ledger_open('debt:' || person);
  RETURN QUERY SELECT a.kind, a.balance FROM accounts a
  WHERE a.name IN ('wallet:' || person, 'debt:' || person) ORDER BY a.kind, a.id FOR NO KEY UPDATE;
END $$;
REVOKE ALL ON FUNCTION ledger_lock_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_lock_person TO :"running_role";
