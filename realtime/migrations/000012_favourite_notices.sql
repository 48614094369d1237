-- D3: who wants to be told when a reader comes online, as the CMS tells it, and when they were told last.
CREATE TABLE favourite_notices (
  person_id uuid NOT NULL,
  reader_id text NOT NULL,
  -- The number of the CMS's outbox row: an older one changes nothing.
  version   bigint NOT NULL CHECK (version >= 1),
  notify    boolean NOT NULL,
  told_ms   bigint,
  PRIMARY KEY (person_id, reader_id)
);
CREATE INDEX favourite_notices_wanted ON favourite_notices (reader_id) WHERE notify;
GRANT SELECT, INSERT, UPDATE ON favourite_notices TO :"running_role";
