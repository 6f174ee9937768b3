-- What labs leave here. A wish is settled by an answer in the log, so nothing needs to be kept in step.

CREATE TABLE asked_for (
  card TEXT PRIMARY KEY,                     -- a card's id
  lab  TEXT NOT NULL,
  task TEXT NOT NULL,
  at   INTEGER NOT NULL,                     -- milliseconds since 1970
  day  INTEGER NOT NULL                      -- days since 1970-01-01
) STRICT, WITHOUT ROWID;

CREATE TABLE lab_done (
  lab   TEXT NOT NULL,
  tier  TEXT NOT NULL,
  at    INTEGER NOT NULL,
  day   INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (lab, tier)
) STRICT, WITHOUT ROWID;
