-- A refund that the card company gives up after it was posted: the money has come back, and is its person's again (LED-33).

-- A new value of an enum can't be used before it is committed. Run again after a failure below, this does nothing.
ALTER TYPE transfer_kind ADD VALUE IF NOT EXISTS 'refund_failed';
COMMIT;
BEGIN;

INSERT INTO transfer_kinds (kind, takes_from, gives_to, spends, own_door) VALUES
  ('refund_failed', '{card_clearing}', '{wallet,debt}', false, false);

-- As in 000009: what failed was not refunded.
CREATE OR REPLACE FUNCTION card_payments(payment_ids text[])
RETURNS TABLE (payment_id text, person text, credited bigint, refunded bigint, reserved bigint, disputed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off SET jit = off
BEGIN ATOMIC
  SELECT p.id, min(t.details ->> 'person') FILTER (WHERE t.kind = 'top_up'),
    coalesce(sum(- e.amount) FILTER (WHERE t.kind = 'top_up' AND a.kind = 'card_clearing'), 0)::bigint,
    coalesce(sum(e.amount) FILTER (WHERE t.kind IN ('refund_settle', 'card_refund', 'refund_failed') AND a.kind = 'card_clearing'), 0)::bigint,
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
