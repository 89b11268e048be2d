-- A template may be sealed anew, under another key or rotation, and stays what it is of.

DROP TRIGGER template_never_changes;
CREATE TRIGGER template_never_moves BEFORE UPDATE ON template
WHEN (OLD.id, OLD.child, OLD.consent, OLD.engine, OLD.created_at)
  IS NOT (NEW.id, NEW.child, NEW.consent, NEW.engine, NEW.created_at)
BEGIN SELECT RAISE(ABORT, 'consent: a template never moves to another child or consent'); END;
