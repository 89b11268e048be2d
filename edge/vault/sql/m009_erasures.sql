-- The list of destructions: a line is added, completed once, and stays.

CREATE TABLE erasure (
    number INTEGER PRIMARY KEY,
    pseudonym TEXT NOT NULL CHECK (length(pseudonym) = 32),
    reason TEXT NOT NULL CHECK (reason IN ('withdrawal', 'erasure', 'objection', 'retention')),
    at TEXT NOT NULL,
    destroyed TEXT NOT NULL CHECK (json_valid(destroyed)),
    consents_ended INTEGER NOT NULL,
    gone_at TEXT CHECK (gone_at >= at),
    receipt BLOB,
    CHECK (receipt IS NULL OR gone_at IS NOT NULL)
) STRICT;
CREATE INDEX erasure_by_pseudonym ON erasure (pseudonym);

CREATE TRIGGER erasure_begins_uncertified BEFORE INSERT ON erasure
WHEN NEW.gone_at IS NOT NULL OR NEW.receipt IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'erasure: a new one is not certified already'); END;

CREATE TRIGGER erasure_only_completes BEFORE UPDATE ON erasure
WHEN (OLD.gone_at IS NOT NULL AND OLD.gone_at IS NOT NEW.gone_at)
  OR (OLD.receipt IS NOT NULL AND OLD.receipt IS NOT NEW.receipt)
  OR (OLD.number, OLD.pseudonym, OLD.reason, OLD.at, OLD.destroyed, OLD.consents_ended)
  IS NOT (NEW.number, NEW.pseudonym, NEW.reason, NEW.at, NEW.destroyed, NEW.consents_ended)
BEGIN SELECT RAISE(ABORT, 'erasure: it is never changed, only completed, and once'); END;

CREATE TRIGGER erasure_stays BEFORE DELETE ON erasure
BEGIN SELECT RAISE(ABORT, 'erasure: the record of an erasure stays'); END;
