-- Billing: a meter for each session, and the tick that charges all that is due. Times are milliseconds since 1970, as the
-- clock gives them: rules in whole numbers, the same here and in src/billing/rules.ts.
CREATE TABLE meters (
  session_id       uuid PRIMARY KEY,
  wallet_id        bigint NOT NULL,
  earnings_id      bigint NOT NULL,
  -- A budget of this session alone, when there is one.
  budget_id        bigint,
  -- Active time until the last pause; while running, what has passed since running_since_ms comes on top.
  active_ms        bigint NOT NULL DEFAULT 0 CHECK (active_ms >= 0),
  running_since_ms bigint,
  -- The first millisecond at which the next minute is to be charged, when it runs.
  next_at_ms       bigint,
  rate_cents       integer NOT NULL CHECK (rate_cents BETWEEN 1 AND 10000),
  -- The reader's part, of 10 000.
  share            integer NOT NULL CHECK (share BETWEEN 0 AND 10000),
  maximum_minutes  integer NOT NULL CHECK (maximum_minutes BETWEEN 1 AND 100000),
  paid_minutes     integer NOT NULL DEFAULT 0 CHECK (paid_minutes >= 0),
  running          boolean NOT NULL DEFAULT false,
  stop_reason      text,
  stopped_at_ms    bigint,
  finalised        boolean NOT NULL DEFAULT false,
  CHECK (running = (running_since_ms IS NOT NULL) AND running = (next_at_ms IS NOT NULL)),
  CHECK ((stop_reason IS NULL) = (stopped_at_ms IS NULL) AND NOT (running AND stop_reason IS NOT NULL))
) WITH (fillfactor = 50);

-- A person is in one session at a time. The tick relies on it: each wallet and each reader comes up once. It also finds
-- the running meters by it, in the order in which wallets are locked. What the tick changes is in no index.
CREATE UNIQUE INDEX meters_wallet ON meters (wallet_id) WHERE running;
CREATE UNIQUE INDEX meters_earnings ON meters (earnings_id) WHERE running;
CREATE INDEX meters_budget ON meters (budget_id) WHERE running AND budget_id IS NOT NULL;

-- A meter charges a wallet for a reader, and never changes who, or for how much. What is paid, the tick alone says.
CREATE FUNCTION meters_check() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM accounts w, accounts e WHERE w.id = NEW.wallet_id AND w.kind = 'wallet' AND e.id = NEW.earnings_id AND e.kind = 'earnings'
      AND split_part(w.name, ':', 2) <> split_part(e.name, ':', 2)
  ) OR NEW.paid_minutes <> 0 THEN
    RAISE EXCEPTION 'a meter is between a wallet and the earnings of another person, and begins with nothing paid'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'meters_check';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meters_check BEFORE INSERT ON meters FOR EACH ROW EXECUTE FUNCTION meters_check();

GRANT SELECT, INSERT ON meters TO :"running_role";
GRANT UPDATE (active_ms, running_since_ms, next_at_ms, running, maximum_minutes, stop_reason, stopped_at_ms, finalised) ON meters TO :"running_role";

-- BIL-2: minutes owed for so much active time.
CREATE FUNCTION owed_minutes(active_ms bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN active_ms < 10000 THEN 0 ELSE ((active_ms + 59999) / 60000)::integer END;
-- BIL-3: the active time at which minute k is due.
CREATE FUNCTION due_active_ms(k integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN k = 1 THEN 10000 ELSE (k - 1) * 60000::bigint END;

-- Charges every minute that is due, in one statement and one transaction: locks the due meters (leaving those that another
-- node has), takes from the wallets what they can pay, gives it to readers and platform, writes transfers and entries,
-- moves the meters on, and stops those that can't pay. With `just_one`, does so for one session: before it pauses or ends.
CREATE FUNCTION billing_tick(now_ms bigint, batch integer, just_one uuid DEFAULT NULL)
RETURNS TABLE (session uuid, minutes integer, paid integer, balance bigint, minutes_left integer, reason text, stopped bigint, late_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
-- A statement that runs each second is planned for many rows it doesn't have: compiling it costs more than running it.
SET jit = off
-- Rows are locked in the order of the lists given (LED-12), which a hash join would not keep.
SET enable_hashjoin = off
-- Planned for the numbers of this call, which differ by orders of magnitude.
SET plan_cache_mode = force_custom_plan
SET work_mem = '64MB'
AS $$
DECLARE
  revenue_id bigint;
  at timestamptz := to_timestamp(now_ms / 1000.0);
BEGIN
  SELECT a.id INTO STRICT revenue_id FROM accounts a WHERE a.name = ledger_address('revenue');
  -- Days and weeks that are over, some at a time; wallets that wait for theirs are charged by the next tick.
  IF just_one IS NULL THEN
    PERFORM ledger_spend_ceiling(w.id, at) FROM (
      SELECT a.id FROM accounts a WHERE a.ceiling_until <= at ORDER BY a.id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
    ) w;
  ELSE
    PERFORM ledger_spend_ceiling(w.id, at) FROM (
      SELECT a.id FROM accounts a
      WHERE a.ceiling_until <= at AND a.id = (SELECT m.wallet_id FROM meters m WHERE m.session_id = just_one) FOR NO KEY UPDATE
    ) w;
  END IF;
  -- Budgets of one session are read below and have to hold still; most sessions have none.
  PERFORM 1 FROM budgets b JOIN meters m ON m.budget_id = b.id
  WHERE m.running AND m.budget_id IS NOT NULL AND m.next_at_ms <= now_ms AND (just_one IS NULL OR m.session_id = just_one)
  ORDER BY b.id FOR NO KEY UPDATE OF b;

  RETURN QUERY
  WITH wallets AS MATERIALIZED (
    UPDATE accounts a
    SET balance = a.balance - d.rate * GREATEST(0, LEAST(d.able, d.room, a.balance / d.rate, (a.spend_ceiling - a.spent) / d.rate)),
      spent = a.spent + d.rate * GREATEST(0, LEAST(d.able, d.room, a.balance / d.rate, (a.spend_ceiling - a.spent) / d.rate)),
      version = a.version + GREATEST(0, LEAST(d.able, d.room, a.balance / d.rate, (a.spend_ceiling - a.spent) / d.rate))
    FROM (
      SELECT m.wallet_id, m.earnings_id, m.rate_cents AS rate, m.paid_minutes AS before, m.maximum_minutes AS maximum, m.budget_id,
        owed_minutes(m.active_ms + now_ms - m.running_since_ms) - m.paid_minutes AS wanted,
        -- What the session's own terms leave; the wallet's row decides the rest.
        LEAST(owed_minutes(m.active_ms + now_ms - m.running_since_ms), m.maximum_minutes) - m.paid_minutes AS able,
        CASE WHEN m.budget_id IS NOT NULL THEN (SELECT (b.limit_cents - b.used_cents) / m.rate_cents FROM budgets b WHERE b.id = m.budget_id) END AS room,
        m.rate_cents * m.share::bigint AS unit, m.running_since_ms - m.active_ms AS zero_ms, m.session_id
      FROM meters m
      WHERE m.running AND m.next_at_ms <= now_ms AND (just_one IS NULL OR m.session_id = just_one)
      ORDER BY m.wallet_id LIMIT batch
      FOR NO KEY UPDATE SKIP LOCKED
    ) d
    WHERE a.id = d.wallet_id AND (a.ceiling_until IS NULL OR a.ceiling_until > at)
    RETURNING d.earnings_id, new.version - old.version AS n, d.wallet_id, d.rate, d.unit, d.before, old.version AS wallet_version,
      old.balance AS wallet_before, d.zero_ms, d.session_id, d.wanted, d.room, d.maximum, d.budget_id,
      (new.spend_ceiling - new.spent) / d.rate AS allowance
  ), readers AS MATERIALIZED (
    UPDATE accounts a
    SET balance = a.balance + w.cents, version = a.version + w.n,
      overdrawn = CASE WHEN a.overdrawn = 0 THEN 0 ELSE GREATEST(0, LEAST(a.overdrawn, - a.balance - w.cents)) END
    FROM (
      -- BIL-7: what the reader has in all after so many minutes, less what it was before.
      SELECT w.*, (w.unit * (w.before + w.n) + 5000) / 10000 - (w.unit * w.before + 5000) / 10000 AS cents
      FROM wallets w WHERE w.n > 0 ORDER BY w.earnings_id
    ) w
    WHERE a.id = w.earnings_id
    RETURNING w.n, w.before, w.unit, w.rate, w.wallet_id, w.wallet_before, w.wallet_version,
      w.earnings_id, old.balance - (w.unit * w.before + 5000) / 10000 AS reader_zero, old.version AS reader_version,
      w.zero_ms, w.session_id, w.budget_id
  ), charges AS MATERIALIZED (
    -- A row for each minute, with what each account has after it.
    SELECT nextval('transfers_id_seq') AS id,
      c.rate, c.wallet_id, c.wallet_before - c.rate * c.j AS wallet_after, c.wallet_version + c.j AS wallet_version,
      c.earnings_id, c.reader_zero + c.reader_sum AS reader_after, c.reader_version + c.j AS reader_version, c.part,
      sum(c.rate - c.part) OVER earlier AS platform_sum, (row_number() OVER earlier)::integer AS number,
      c.minute, c.zero_ms, c.session_id, c.budget_id
    FROM (
      SELECT r.*, r.before + r.j AS minute, (r.unit * (r.before + r.j) + 5000) / 10000 AS reader_sum,
        ((r.unit * (r.before + r.j) + 5000) / 10000 - (r.unit * (r.before + r.j - 1) + 5000) / 10000)::integer AS part
      FROM (SELECT generate_series(1, r.n) AS j, r.* FROM readers r) r
      OFFSET 0
    ) c
    WINDOW earlier AS (ROWS UNBOUNDED PRECEDING)
  ), revenue AS MATERIALIZED (
    UPDATE accounts a SET balance = a.balance + t.cents, version = a.version + t.n
    FROM (SELECT sum(c.rate - c.part) AS cents, count(*)::integer AS n FROM charges c) t
    WHERE a.id = revenue_id AND t.n > 0
    RETURNING old.balance AS before, old.version AS version
  ), counted AS (
    UPDATE budgets b SET used_cents = b.used_cents + w.n * w.rate FROM wallets w WHERE w.budget_id IS NOT NULL AND b.id = w.budget_id AND w.n > 0
  ), written AS (
    INSERT INTO transfers (id, created_at, effective_at, kind, key, budgets)
    OVERRIDING SYSTEM VALUE
    SELECT c.id, at, to_timestamp((c.zero_ms + due_active_ms(c.minute)) / 1000.0), 'minute',
      'session:' || c.session_id || ':minute:' || c.minute, CASE WHEN c.budget_id IS NOT NULL THEN ARRAY[c.budget_id] END
    FROM charges c
  ), legs AS (
    INSERT INTO entries (transfer_id, account_id, balance_after, version, amount)
    SELECT c.id,
      CASE l.leg WHEN 1 THEN c.wallet_id WHEN 2 THEN c.earnings_id ELSE revenue_id END,
      CASE l.leg WHEN 1 THEN c.wallet_after WHEN 2 THEN c.reader_after ELSE r.before + c.platform_sum END,
      CASE l.leg WHEN 1 THEN c.wallet_version WHEN 2 THEN c.reader_version ELSE r.version + c.number END,
      CASE l.leg WHEN 1 THEN - c.rate WHEN 2 THEN c.part ELSE c.rate - c.part END
    FROM revenue r, charges c, (VALUES (1), (2), (3)) l (leg)
  )
  UPDATE meters m
  SET paid_minutes = w.before + w.n,
    running = w.n = w.wanted,
    active_ms = CASE WHEN w.n = w.wanted THEN m.active_ms ELSE due_active_ms(w.before + w.n + 1) END,
    running_since_ms = CASE WHEN w.n = w.wanted THEN m.running_since_ms END,
    -- The first millisecond after the paid minutes: at their very end an end still wins.
    next_at_ms = CASE WHEN w.n = w.wanted THEN w.zero_ms + (w.before + w.n) * 60000::bigint + 1 END,
    stopped_at_ms = CASE WHEN w.n < w.wanted THEN w.zero_ms + due_active_ms(w.before + w.n + 1) END,
    stop_reason = CASE WHEN w.n = w.wanted THEN NULL
      WHEN w.before + w.n >= w.maximum THEN 'agreed_maximum'
      WHEN w.allowance < 1 OR w.room <= w.n THEN 'spending_limit'
      ELSE 'out_of_money' END
  FROM wallets w
  WHERE m.running AND m.wallet_id = w.wallet_id AND m.session_id = w.session_id
  RETURNING m.session_id, w.n, m.paid_minutes, w.wallet_before - w.n * w.rate,
    GREATEST(0, LEAST(w.maximum - w.before - w.n, (w.wallet_before - w.n * w.rate) / w.rate, w.allowance, w.room - w.n))::integer,
    m.stop_reason, m.stopped_at_ms, now_ms - old.next_at_ms;
END $$;
REVOKE ALL ON FUNCTION billing_tick FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_tick TO :"running_role";

-- What a session's client can spend now: the wallet's balance, and what the narrowest limit leaves (null: no limit).
CREATE FUNCTION billing_means(p_session uuid, at timestamptz) RETURNS TABLE (balance bigint, allowance bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  m meters;
BEGIN
  SELECT * INTO STRICT m FROM meters WHERE session_id = p_session;
  PERFORM 1 FROM accounts a WHERE a.id = m.wallet_id FOR NO KEY UPDATE;
  PERFORM ledger_spend_ceiling(a.id, at) FROM accounts a WHERE a.id = m.wallet_id AND a.ceiling_until <= at;
  RETURN QUERY SELECT a.balance, LEAST(a.spend_ceiling - a.spent, b.limit_cents - b.used_cents)
  FROM accounts a LEFT JOIN budgets b ON b.id = m.budget_id WHERE a.id = m.wallet_id;
END $$;
REVOKE ALL ON FUNCTION billing_means FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_means TO :"running_role";
