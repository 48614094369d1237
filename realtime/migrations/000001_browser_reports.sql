-- What browsers tell us by the Reporting API: policy violations, crashes, interventions. Kept 30 days, never changed.
-- Addresses come without query strings and with ids taken out; no user agent, no network address, no free text.
CREATE TABLE browser_reports (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at   timestamptz NOT NULL,
  kind          text NOT NULL CHECK (length(kind) <= 64),
  page_url      text NOT NULL CHECK (length(page_url) <= 300),
  -- The directive that was violated, or the id or reason of another kind of report.
  subject       text CHECK (length(subject) <= 100),
  blocked_url   text CHECK (length(blocked_url) <= 300),
  source_url    text CHECK (length(source_url) <= 300),
  line_number   integer,
  column_number integer,
  disposition   text CHECK (disposition IN ('enforce', 'report'))
);

CREATE INDEX browser_reports_received ON browser_reports (received_at);

-- The running role may add and read. Deleting goes by this function alone, and it takes only what is old enough.
CREATE FUNCTION sweep_browser_reports() RETURNS integer
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
  WITH gone AS (
    DELETE FROM public.browser_reports WHERE received_at < now() - interval '30 days' RETURNING 1
  )
  SELECT count(*)::integer FROM gone;
$$;

REVOKE ALL ON FUNCTION sweep_browser_reports() FROM PUBLIC;
GRANT SELECT, INSERT ON browser_reports TO :"running_role";
GRANT EXECUTE ON FUNCTION sweep_browser_reports() TO :"running_role";
