-- Objections, which destroy what is held of a face, and restrictions, which only keep it from use.

CREATE TABLE objection (
    id TEXT PRIMARY KEY,
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    guardian TEXT,
    raised_at TEXT NOT NULL,
    lifted_at TEXT CHECK (lifted_at >= raised_at),
    FOREIGN KEY (guardian, child) REFERENCES guardian (id, child) ON DELETE CASCADE
) STRICT;
CREATE INDEX objection_by_child ON objection (child) WHERE lifted_at IS NULL;

CREATE TABLE restriction (
    id TEXT PRIMARY KEY,
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    asked_by TEXT NOT NULL CHECK (asked_by IN ('guardian', 'child', 'authority')),
    raised_at TEXT NOT NULL,
    lifted_at TEXT CHECK (lifted_at >= raised_at)
) STRICT;
CREATE INDEX restriction_by_child ON restriction (child) WHERE lifted_at IS NULL;

CREATE VIEW blocked AS
    SELECT child FROM objection WHERE lifted_at IS NULL
    UNION SELECT child FROM restriction WHERE lifted_at IS NULL;

CREATE TRIGGER template_needs_nobody_against BEFORE INSERT ON template
WHEN NEW.child IN (SELECT child FROM blocked)
BEGIN SELECT RAISE(ABORT, 'consent: somebody objects, or the data of this child are restricted'); END;

CREATE TRIGGER objection_destroys AFTER INSERT ON objection
BEGIN DELETE FROM template WHERE child = NEW.child; END;

CREATE TRIGGER objection_begins_open BEFORE INSERT ON objection WHEN NEW.lifted_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'objection: a new one cannot be lifted already'); END;
CREATE TRIGGER restriction_begins_open BEFORE INSERT ON restriction WHEN NEW.lifted_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'restriction: a new one cannot be lifted already'); END;

CREATE TRIGGER objection_only_ends BEFORE UPDATE ON objection
WHEN OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
  OR (OLD.id, OLD.child, OLD.guardian, OLD.raised_at) IS NOT (NEW.id, NEW.child, NEW.guardian, NEW.raised_at)
BEGIN SELECT RAISE(ABORT, 'objection: it is never changed, only lifted, and once'); END;
CREATE TRIGGER restriction_only_ends BEFORE UPDATE ON restriction
WHEN OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
  OR (OLD.id, OLD.child, OLD.asked_by, OLD.raised_at) IS NOT (NEW.id, NEW.child, NEW.asked_by, NEW.raised_at)
BEGIN SELECT RAISE(ABORT, 'restriction: it is never changed, only lifted, and once'); END;

CREATE TRIGGER objection_in AFTER INSERT ON objection
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER objection_ended AFTER UPDATE ON objection
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER objection_out AFTER DELETE ON objection
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER restriction_in AFTER INSERT ON restriction
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER restriction_ended AFTER UPDATE ON restriction
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER restriction_out AFTER DELETE ON restriction
BEGIN UPDATE generation SET value = value + 1; END;
