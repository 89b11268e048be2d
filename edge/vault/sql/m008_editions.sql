-- Tables and rules of adopted editions. A suspended consent is nowhere stored: a view derives it.
--
-- `sequence` is the school's order of adoption over all its policies; a consent carries that of the newest
-- edition its guardian was shown, a wording that of the newest when it was first shown. An edition of a
-- higher sequence that widens suspends the one and outdates the other.

CREATE TABLE edition (
    sequence INTEGER PRIMARY KEY,
    policy TEXT NOT NULL CHECK (policy <> ''),
    number INTEGER NOT NULL CHECK (number >= 1),
    content TEXT NOT NULL CHECK (json_valid(content)),
    widens INTEGER NOT NULL CHECK (widens IN (0, 1)),
    adopted_at TEXT NOT NULL
) STRICT;

CREATE TABLE wording (
    sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
    content BLOB NOT NULL CHECK (length(content) > 0),
    edition INTEGER REFERENCES edition (sequence),
    kept_at TEXT NOT NULL
) STRICT;

ALTER TABLE consent ADD COLUMN edition INTEGER REFERENCES edition (sequence);

CREATE VIEW standing_consent AS
SELECT c.*, EXISTS (
    SELECT 1 FROM edition e WHERE e.widens AND e.sequence > coalesce(c.edition, 0)
) AS suspended
FROM consent c;

CREATE TRIGGER edition_follows BEFORE INSERT ON edition
WHEN NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM edition), 0)
  OR NEW.number <> (SELECT 1 + max(number) FROM edition WHERE policy = NEW.policy)
BEGIN SELECT RAISE(ABORT, 'edition: an edition follows the one before it, without a gap'); END;

CREATE TRIGGER edition_never_changes BEFORE UPDATE ON edition
BEGIN SELECT RAISE(ABORT, 'edition: an adopted edition is never changed'); END;
CREATE TRIGGER edition_stays BEFORE DELETE ON edition
BEGIN SELECT RAISE(ABORT, 'edition: an adopted edition is never removed'); END;
CREATE TRIGGER edition_in AFTER INSERT ON edition
BEGIN UPDATE generation SET value = value + 1; END;

CREATE TRIGGER wording_never_changes BEFORE UPDATE ON wording
BEGIN SELECT RAISE(ABORT, 'wording: what a guardian was shown is never changed'); END;
CREATE TRIGGER wording_stays BEFORE DELETE ON wording
BEGIN SELECT RAISE(ABORT, 'wording: what a guardian was shown is never removed'); END;

DROP TRIGGER template_needs_live_consent;
CREATE TRIGGER template_needs_live_consent BEFORE INSERT ON template
WHEN NOT EXISTS (
    SELECT 1 FROM standing_consent c
    WHERE c.id = NEW.consent AND c.child = NEW.child AND c.withdrawn_at IS NULL AND NOT c.suspended
      AND c.given_at <= NEW.created_at AND NEW.created_at < c.expires_at
      AND EXISTS (SELECT 1 FROM json_each(c.purposes) WHERE value = 'access')
      AND EXISTS (SELECT 1 FROM json_each(c.data) WHERE value = 'face_template')
)
BEGIN SELECT RAISE(ABORT, 'consent: no live consent covers this template'); END;

CREATE TRIGGER consent_keeps_its_edition BEFORE UPDATE ON consent WHEN OLD.edition IS NOT NEW.edition
BEGIN SELECT RAISE(ABORT, 'consent: a consent is never changed, only withdrawn, and once'); END;
