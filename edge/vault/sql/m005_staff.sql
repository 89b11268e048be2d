-- Staff on the roster, and their PINs. Whoever is on it already is a pupil.

ALTER TABLE child ADD COLUMN role TEXT NOT NULL DEFAULT 'pupil' CHECK (role IN ('pupil', 'staff'));
CREATE TRIGGER role_never_changes BEFORE UPDATE OF role ON child WHEN NEW.role <> OLD.role
BEGIN SELECT RAISE(ABORT, 'role: a pupil does not become staff, nor staff a pupil'); END;

CREATE TRIGGER only_staff_answer_for_themselves BEFORE INSERT ON guardian
WHEN (NEW.id = NEW.child) <> (SELECT role = 'staff' FROM child WHERE id = NEW.child)
BEGIN SELECT RAISE(ABORT, 'role: staff answer for themselves, and pupils never do'); END;
CREATE TRIGGER guardian_stays_who_it_is BEFORE UPDATE OF id, child ON guardian
WHEN (NEW.id, NEW.child) <> (OLD.id, OLD.child)
BEGIN SELECT RAISE(ABORT, 'role: a guardian does not become another one'); END;

CREATE TABLE staff_pin (
    child TEXT PRIMARY KEY REFERENCES child (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
CREATE TRIGGER only_staff_have_pins BEFORE INSERT ON staff_pin
WHEN (SELECT role FROM child WHERE id = NEW.child) <> 'staff'
BEGIN SELECT RAISE(ABORT, 'role: only staff have PINs'); END;
