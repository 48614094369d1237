-- Receipts of finalised sessions, a client's maximum for a session (W8), and what the pages of the wallet ask of the ledger.

CREATE TABLE receipts (
  session_id       uuid PRIMARY KEY,
  client_person_id uuid NOT NULL,
  reader_person_id uuid NOT NULL,
  -- As it was signed, to the byte.
  receipt          text NOT NULL,
  created_at       timestamptz NOT NULL
);
CREATE INDEX receipts_client ON receipts (client_person_id, created_at);
CREATE INDEX receipts_reader ON receipts (reader_person_id, created_at);
CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
GRANT SELECT, INSERT ON receipts TO :"running_role";

CREATE INDEX holds_payer ON holds (payer_id) WHERE closed_by IS NULL;
-- Refunds of a top-up, to know what of it can still be given back.
CREATE INDEX transfers_refunds ON transfers ((details ->> 'payment_id')) WHERE kind = 'refund_reserve';
-- Sessions of a client that have not ended.
CREATE INDEX meters_open ON meters (wallet_id) WHERE stop_reason IS NULL;

-- What a person has spent since a moment, less what was given back of it.
CREATE FUNCTION wallet_spent(person text, since timestamptz) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
RETURN (SELECT ledger_spent_since(a.id, since) FROM accounts a WHERE a.name = 'wallet:' || person);

-- Holds one session to its client's maximum for a session: the budget `session:{id}`, made or lowered. What its minutes have
-- cost so far counts. The caller holds the meter's lock.
CREATE FUNCTION billing_cap_session(p_session uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  m meters;
  cap bigint;
  zone text;
  budget bigint;
BEGIN
  SELECT * INTO STRICT m FROM meters WHERE session_id = p_session;
  SELECT CASE WHEN b.next_limit_at <= p_at THEN b.next_limit_cents ELSE b.limit_cents END, b.time_zone INTO cap, zone
  FROM accounts a JOIN budgets b ON b.key = split_part(a.name, ':', 2) || ':session' AND b.account_id = a.id
  WHERE a.id = m.wallet_id;
  IF cap IS NULL THEN RETURN; END IF;
  INSERT INTO budgets (account_id, key, whole_account, time_window, time_zone, limit_cents, starts_at, ends_at, used_cents)
  VALUES (m.wallet_id, 'session:' || p_session, false, 'none', zone, cap, p_at, 'infinity', m.paid_minutes * m.rate_cents::bigint)
  ON CONFLICT (key) DO UPDATE SET limit_cents = LEAST(budgets.limit_cents, cap)
  RETURNING id INTO budget;
  UPDATE meters SET budget_id = budget WHERE session_id = p_session AND budget_id IS DISTINCT FROM budget;
END $$;

-- Sets a client's maximum for a session: lower at once, for the sessions that are open too; higher or none after 24 hours,
-- for those that begin then. It is kept as the budget `{person}:session`, which nothing is counted on.
CREATE FUNCTION billing_set_session_maximum(account_name text, p_zone text, p_limit bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  answer jsonb;
  wallet bigint;
BEGIN
  SELECT id INTO wallet FROM accounts WHERE name = account_name AND kind = 'wallet';
  -- Budgets of sessions, then meters, then accounts (LED-12).
  PERFORM 1 FROM budgets WHERE id IN (
    SELECT m.budget_id FROM meters m WHERE m.wallet_id = wallet AND m.stop_reason IS NULL
  ) ORDER BY id FOR NO KEY UPDATE;
  PERFORM 1 FROM meters WHERE wallet_id = wallet AND stop_reason IS NULL ORDER BY session_id FOR NO KEY UPDATE;
  answer := ledger_set_budget(account_name, split_part(account_name, ':', 2) || ':session', 'none', p_zone, p_limit, p_at);
  IF answer -> 'refused' IS NULL THEN
    PERFORM billing_cap_session(m.session_id, p_at) FROM (
      SELECT session_id FROM meters WHERE wallet_id = wallet AND stop_reason IS NULL ORDER BY session_id
    ) m;
  END IF;
  RETURN answer;
END $$;

REVOKE ALL ON FUNCTION wallet_spent, billing_cap_session, billing_set_session_maximum FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wallet_spent, billing_cap_session, billing_set_session_maximum TO :"running_role";
