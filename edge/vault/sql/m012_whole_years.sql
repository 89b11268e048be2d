-- Requests received in a year below 1000, mistyped, were written too short: they compared as the newest.

DROP TRIGGER request_only_ends;
UPDATE request SET received_at = substr('0000' || received_at, -27) WHERE length(received_at) < 27;
UPDATE request SET closed_at = substr('0000' || closed_at, -27) WHERE length(closed_at) < 27;
CREATE TRIGGER request_only_ends BEFORE UPDATE ON request
WHEN (OLD.id, OLD."right", OLD.asked_by, OLD.way, OLD.received_at)
  IS NOT (NEW.id, NEW."right", NEW.asked_by, NEW.way, NEW.received_at)
  OR (OLD.closed_at IS NOT NULL AND (OLD.closed_at, OLD.outcome) IS NOT (NEW.closed_at, NEW.outcome))
  OR (NEW.child IS NOT NULL AND (OLD.child, OLD.guardian) IS NOT (NEW.child, NEW.guardian))
BEGIN SELECT RAISE(ABORT, 'request: it is never changed, only closed, and once'); END;
