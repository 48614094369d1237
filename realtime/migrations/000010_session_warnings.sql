-- W9: the warnings that a session's client was given: so many minutes before the end of minute `until_minute`, the last that
-- could be paid then. With more money, or another limit, that is another minute, and they are given anew.
CREATE TABLE session_warnings (
  session_id   uuid NOT NULL REFERENCES sessions,
  until_minute integer NOT NULL CHECK (until_minute >= 1),
  minutes      integer NOT NULL CHECK (minutes BETWEEN 1 AND 3),
  at_ms        bigint NOT NULL,
  PRIMARY KEY (session_id, until_minute, minutes)
);
GRANT SELECT, INSERT ON session_warnings TO :"running_role";
