-- Guardians who were removed. Their entry is emptied and stays, for what they once said keeps its author.

CREATE TABLE removal (
    guardian TEXT NOT NULL,
    child TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('rights_ended', 'own_wish', 'by_mistake')),
    staff TEXT NOT NULL CHECK (staff <> ''),
    known_as TEXT NOT NULL,
    PRIMARY KEY (guardian, child),
    FOREIGN KEY (guardian, child) REFERENCES guardian (id, child) ON DELETE CASCADE
) STRICT;
CREATE INDEX removal_by_child ON removal (child);

CREATE TRIGGER staff_are_not_removed BEFORE INSERT ON removal WHEN NEW.guardian = NEW.child
BEGIN SELECT RAISE(ABORT, 'guardian: staff answer for themselves, and cannot be removed as guardians'); END;
CREATE TRIGGER removal_never_changes BEFORE UPDATE ON removal
BEGIN SELECT RAISE(ABORT, 'guardian: a removal is never changed'); END;

CREATE TRIGGER removal_destroys AFTER INSERT ON removal
BEGIN
    UPDATE guardian SET sealed = x'' WHERE id = NEW.guardian AND child = NEW.child;
    UPDATE consent SET withdrawn_at = max(NEW.at, given_at)
    WHERE guardian = NEW.guardian AND child = NEW.child AND withdrawn_at IS NULL;
END;

CREATE TRIGGER removed_guardian_stays_empty BEFORE UPDATE OF sealed ON guardian
WHEN NEW.sealed <> x''
  AND EXISTS (SELECT 1 FROM removal r WHERE r.guardian = NEW.id AND r.child = NEW.child)
BEGIN SELECT RAISE(ABORT, 'guardian: whoever was removed comes back only by being added again'); END;
CREATE TRIGGER removed_guardian_agrees_to_nothing BEFORE INSERT ON consent
WHEN EXISTS (SELECT 1 FROM removal r WHERE r.guardian = NEW.guardian AND r.child = NEW.child)
BEGIN SELECT RAISE(ABORT, 'guardian: whoever agrees was removed as a guardian of the child'); END;
CREATE TRIGGER removed_guardian_objects_to_nothing BEFORE INSERT ON objection
WHEN EXISTS (SELECT 1 FROM removal r WHERE r.guardian = NEW.guardian AND r.child = NEW.child)
BEGIN SELECT RAISE(ABORT, 'guardian: whoever objects was removed as a guardian of the child'); END;
CREATE TRIGGER removed_guardian_asks_for_nothing BEFORE INSERT ON request
WHEN EXISTS (SELECT 1 FROM removal r WHERE r.guardian = NEW.guardian AND r.child = NEW.child)
BEGIN SELECT RAISE(ABORT, 'guardian: whoever asks was removed as a guardian of the child'); END;

-- The list of destructions knows one more reason.

CREATE TABLE wider_erasure (
    number INTEGER PRIMARY KEY,
    pseudonym TEXT NOT NULL CHECK (length(pseudonym) = 32),
    reason TEXT NOT NULL
        CHECK (reason IN ('withdrawal', 'erasure', 'objection', 'retention', 'guardian_removed')),
    at TEXT NOT NULL,
    destroyed TEXT NOT NULL CHECK (json_valid(destroyed)),
    consents_ended INTEGER NOT NULL,
    gone_at TEXT CHECK (gone_at >= at),
    receipt BLOB,
    CHECK (receipt IS NULL OR gone_at IS NOT NULL)
) STRICT;
INSERT INTO wider_erasure SELECT * FROM erasure;
DROP TABLE erasure;
ALTER TABLE wider_erasure RENAME TO erasure;
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
