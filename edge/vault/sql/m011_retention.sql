-- Who left, when terms were last kept; the register of disclosures; breaches and the children they concern.
--
-- What was disclosed is sealed under the child's key and goes with it; that something was stays on record.

ALTER TABLE child ADD COLUMN left_at TEXT;
CREATE INDEX consent_by_child ON consent (child, guardian);

CREATE TABLE clock_mark (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at TEXT NOT NULL,
    boot TEXT NOT NULL,
    uptime REAL NOT NULL CHECK (uptime >= 0)
) STRICT;
INSERT INTO clock_mark SELECT 1, max(at), '00000000-0000-0000-0000-000000000000', 0 FROM (
    SELECT max(given_at) AS at FROM consent UNION ALL SELECT max(withdrawn_at) FROM consent
    UNION ALL SELECT max(created_at) FROM template UNION ALL SELECT max(issued_at) FROM credential
) HAVING max(at) IS NOT NULL;

CREATE TABLE disclosure (
    id TEXT PRIMARY KEY,
    child TEXT REFERENCES child (id),
    ground TEXT NOT NULL CHECK (ground <> ''),
    at TEXT NOT NULL,
    sealed BLOB,
    CHECK ((child IS NULL) = (sealed IS NULL))
) STRICT;
CREATE INDEX disclosure_by_child ON disclosure (child);

CREATE TRIGGER disclosure_is_about_somebody BEFORE INSERT ON disclosure WHEN NEW.child IS NULL
BEGIN SELECT RAISE(ABORT, 'disclosure: it is about somebody on the roster'); END;
CREATE TRIGGER disclosure_never_changes BEFORE UPDATE ON disclosure
WHEN (OLD.id, OLD.ground, OLD.at) IS NOT (NEW.id, NEW.ground, NEW.at)
  OR (NEW.child IS NOT NULL AND OLD.child IS NOT NEW.child)
BEGIN SELECT RAISE(ABORT, 'disclosure: the register is never changed'); END;
CREATE TRIGGER disclosure_is_kept BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure: the register loses nothing'); END;
CREATE TRIGGER erasure_leaves_the_disclosure BEFORE DELETE ON child
BEGIN UPDATE disclosure SET child = NULL, sealed = NULL WHERE child = OLD.id; END;

CREATE TABLE breach (
    id TEXT PRIMARY KEY,
    found_at TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    concerned INTEGER NOT NULL CHECK (concerned >= 0),
    told_at TEXT,
    closed_at TEXT CHECK (closed_at >= opened_at),
    sealed BLOB NOT NULL,
    CHECK (closed_at IS NULL OR told_at IS NOT NULL)
) STRICT;
CREATE TABLE breach_child (
    breach TEXT NOT NULL REFERENCES breach (id),
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    PRIMARY KEY (breach, child)
) STRICT;
CREATE INDEX breach_by_child ON breach_child (child);

CREATE TRIGGER breach_begins_open BEFORE INSERT ON breach WHEN NEW.closed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'breach: a new one is open'); END;
CREATE TRIGGER breach_only_ends BEFORE UPDATE ON breach
WHEN OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL
  OR (OLD.id, OLD.found_at, OLD.opened_at, OLD.concerned, OLD.sealed)
  IS NOT (NEW.id, NEW.found_at, NEW.opened_at, NEW.concerned, NEW.sealed)
BEGIN SELECT RAISE(ABORT, 'breach: it is never changed, only closed, and once'); END;
CREATE TRIGGER breach_is_kept BEFORE DELETE ON breach
BEGIN SELECT RAISE(ABORT, 'breach: the register loses nothing'); END;
