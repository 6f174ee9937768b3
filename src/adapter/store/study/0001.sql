-- The review log is the only truth. Everything else here follows from it and from the bank, and can be made again.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per card ever seen or present in the bank: its place in the queues and its cached memory state.
CREATE TABLE card (
  key           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  exam          TEXT NOT NULL DEFAULT '',
  versions      TEXT NOT NULL DEFAULT '',    -- ',SAA-C03,'
  position      INTEGER NOT NULL DEFAULT 0,  -- place among new cards
  present       INTEGER NOT NULL DEFAULT 0,
  reserved      INTEGER NOT NULL DEFAULT 0,
  phase         INTEGER NOT NULL DEFAULT 0,  -- 0 new, 1 seen
  stability     REAL,
  difficulty    REAL,
  last_day      INTEGER,                     -- days since 1970-01-01
  due           INTEGER,
  reps          INTEGER NOT NULL DEFAULT 0,
  lapses        INTEGER NOT NULL DEFAULT 0,
  last_rating   INTEGER,
  last_correct  INTEGER NOT NULL DEFAULT 0,
  first_day     INTEGER,
  first_correct INTEGER,
  first_doubt   INTEGER,
  suspended     INTEGER NOT NULL DEFAULT 0,
  flagged       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX card_due ON card (exam, due, versions)
  WHERE phase = 1 AND present = 1 AND suspended = 0;
CREATE INDEX card_new ON card (exam, position, versions)
  WHERE phase = 0 AND present = 1 AND suspended = 0 AND reserved = 0;
CREATE INDEX card_odd ON card (key)
  WHERE present = 0 OR suspended = 1 OR flagged = 1 OR lapses >= 8 OR reserved = 1;

-- What the bank says about a card; kept when the card vanishes, so that its history can still be read.
CREATE TABLE card_text (
  key  INTEGER PRIMARY KEY REFERENCES card (key),
  body TEXT NOT NULL
) STRICT;
CREATE TABLE card_tag (
  tag TEXT NOT NULL,                         -- 's:sqs' service, 't:2.1' task, 'c:x' concept
  key INTEGER NOT NULL REFERENCES card (key),
  PRIMARY KEY (tag, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_tag_key ON card_tag (key);

CREATE TABLE log (
  seq           INTEGER PRIMARY KEY,
  device        INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  at_order      INTEGER NOT NULL,
  at            INTEGER NOT NULL,            -- milliseconds since 1970
  day           INTEGER NOT NULL,
  card          INTEGER NOT NULL REFERENCES card (key),
  event         INTEGER NOT NULL,            -- 0 answer 1 undo 2 cause 3 suspend 4 resume 5 flag 6 unflag
  rating        INTEGER,
  correct       INTEGER,
  doubt         INTEGER,
  given         TEXT,
  millis        INTEGER,
  source        INTEGER,                     -- 0 quiz 1 exam 2 import
  due           INTEGER,
  confused      TEXT,
  cause         TEXT,
  target_device INTEGER,
  target_number INTEGER
) STRICT;
CREATE UNIQUE INDEX log_id ON log (device, number);
CREATE INDEX log_card ON log (card);
CREATE INDEX log_target ON log (target_device, target_number) WHERE target_number IS NOT NULL;
CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log
  BEGIN SELECT raise(ABORT, 'the review log only grows'); END;
CREATE TRIGGER log_keeps_values BEFORE UPDATE ON log
  BEGIN SELECT raise(ABORT, 'the review log only grows'); END;

-- What was done on each study day.
CREATE TABLE day (
  day     INTEGER PRIMARY KEY,
  answers INTEGER NOT NULL DEFAULT 0,
  correct INTEGER NOT NULL DEFAULT 0,
  fresh   INTEGER NOT NULL DEFAULT 0,
  millis  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Concepts mixed up and not yet told apart.
CREATE TABLE confusion (
  concept  TEXT PRIMARY KEY,
  card     INTEGER NOT NULL,
  at_order INTEGER NOT NULL,
  day      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
