-- The register of requests: who asked for what, and that it was answered, even after an erasure.

CREATE TABLE request (
    id TEXT PRIMARY KEY,
    child TEXT REFERENCES child (id),
    "right" TEXT NOT NULL CHECK ("right" IN ('access', 'rectification', 'restriction', 'unblocking',
        'withdrawal', 'erasure', 'objection', 'complaint')),
    asked_by TEXT NOT NULL CHECK (asked_by IN ('guardian', 'child', 'authority')),
    guardian TEXT,
    way TEXT NOT NULL CHECK (way IN ('in_person', 'letter', 'phone', 'email')),
    received_at TEXT NOT NULL,
    closed_at TEXT CHECK (closed_at >= received_at),
    outcome TEXT CHECK (outcome IN ('done', 'refused', 'taken_back')),
    sealed BLOB,
    CHECK ((closed_at IS NULL) = (outcome IS NULL)),
    CHECK (child IS NULL OR (guardian IS NOT NULL) = (asked_by = 'guardian')),
    CHECK (child IS NOT NULL OR (guardian IS NULL AND sealed IS NULL))
) STRICT;
CREATE INDEX request_by_child ON request (child);
CREATE INDEX request_open ON request (received_at) WHERE closed_at IS NULL;

CREATE TRIGGER request_begins_open BEFORE INSERT ON request
WHEN NEW.closed_at IS NOT NULL OR NEW.child IS NULL OR NEW.sealed IS NULL
BEGIN SELECT RAISE(ABORT, 'request: a new one is open, and about somebody'); END;
CREATE TRIGGER request_of_a_known_guardian BEFORE INSERT ON request
WHEN NEW.guardian IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM guardian g WHERE g.id = NEW.guardian AND g.child = NEW.child)
BEGIN SELECT RAISE(ABORT, 'request: whoever asks is not on the roster as a guardian of the child'); END;

CREATE TRIGGER request_only_ends BEFORE UPDATE ON request
WHEN (OLD.id, OLD."right", OLD.asked_by, OLD.way, OLD.received_at)
  IS NOT (NEW.id, NEW."right", NEW.asked_by, NEW.way, NEW.received_at)
  OR (OLD.closed_at IS NOT NULL AND (OLD.closed_at, OLD.outcome) IS NOT (NEW.closed_at, NEW.outcome))
  OR (NEW.child IS NOT NULL AND (OLD.child, OLD.guardian) IS NOT (NEW.child, NEW.guardian))
BEGIN SELECT RAISE(ABORT, 'request: it is never changed, only closed, and once'); END;
CREATE TRIGGER request_is_kept BEFORE DELETE ON request
BEGIN SELECT RAISE(ABORT, 'request: the register loses nothing'); END;

CREATE TRIGGER erasure_leaves_the_request BEFORE DELETE ON child
BEGIN UPDATE request SET child = NULL, guardian = NULL, sealed = NULL WHERE child = OLD.id; END;
