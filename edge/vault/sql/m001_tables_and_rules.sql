-- Children, guardians, consents, templates, and the triggers that tie them.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE generation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO generation VALUES (1, 1);

CREATE TABLE child (
    id TEXT PRIMARY KEY CHECK (length(id) = 32),
    wrapped_key BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE guardian (
    id TEXT NOT NULL,
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id, child)
) STRICT;

CREATE TABLE consent (
    id TEXT PRIMARY KEY,
    child TEXT NOT NULL,
    guardian TEXT NOT NULL,
    operator_name TEXT NOT NULL CHECK (operator_name <> ''),
    operator_bin TEXT NOT NULL CHECK (length(operator_bin) = 12),
    purposes TEXT NOT NULL CHECK (json_array_length(purposes) > 0),
    data TEXT NOT NULL CHECK (json_array_length(data) > 0),
    given_at TEXT NOT NULL,
    expires_at TEXT NOT NULL CHECK (expires_at > given_at),
    withdrawn_at TEXT CHECK (withdrawn_at >= given_at),
    channel TEXT NOT NULL CHECK (channel IN ('paper', 'sms_code', 'kiosk')),
    evidence_sha256 TEXT NOT NULL CHECK (length(evidence_sha256) = 64),
    wording_sha256 TEXT NOT NULL CHECK (length(wording_sha256) = 64),
    third_parties TEXT NOT NULL CHECK (json_valid(third_parties)),
    cross_border INTEGER NOT NULL CHECK (cross_border IN (0, 1)),
    published INTEGER NOT NULL CHECK (published IN (0, 1)),
    UNIQUE (id, child),
    FOREIGN KEY (guardian, child) REFERENCES guardian (id, child) ON DELETE CASCADE
) STRICT;

CREATE TABLE template (
    id TEXT PRIMARY KEY,
    child TEXT NOT NULL,
    consent TEXT NOT NULL,
    engine TEXT NOT NULL,
    created_at TEXT NOT NULL,
    sealed BLOB NOT NULL,
    FOREIGN KEY (consent, child) REFERENCES consent (id, child) ON DELETE CASCADE
) STRICT;
CREATE INDEX template_by_consent ON template (consent, child);

CREATE TRIGGER template_needs_live_consent BEFORE INSERT ON template
WHEN NOT EXISTS (
    SELECT 1 FROM consent c
    WHERE c.id = NEW.consent AND c.child = NEW.child AND c.withdrawn_at IS NULL
      AND c.given_at <= NEW.created_at AND NEW.created_at < c.expires_at
      AND EXISTS (SELECT 1 FROM json_each(c.purposes) WHERE value = 'access')
      AND EXISTS (SELECT 1 FROM json_each(c.data) WHERE value = 'face_template')
)
BEGIN SELECT RAISE(ABORT, 'consent: no live consent covers this template'); END;

CREATE TRIGGER template_never_changes BEFORE UPDATE ON template
BEGIN SELECT RAISE(ABORT, 'consent: a template is never changed, only replaced'); END;

CREATE TRIGGER consent_begins_open BEFORE INSERT ON consent WHEN NEW.withdrawn_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'consent: a new consent cannot be withdrawn already'); END;

CREATE TRIGGER consent_only_ends BEFORE UPDATE ON consent
WHEN OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
  OR (OLD.id, OLD.child, OLD.guardian, OLD.operator_name, OLD.operator_bin, OLD.purposes, OLD.data,
      OLD.given_at, OLD.expires_at, OLD.channel, OLD.evidence_sha256, OLD.wording_sha256,
      OLD.third_parties, OLD.cross_border, OLD.published)
  IS NOT
     (NEW.id, NEW.child, NEW.guardian, NEW.operator_name, NEW.operator_bin, NEW.purposes, NEW.data,
      NEW.given_at, NEW.expires_at, NEW.channel, NEW.evidence_sha256, NEW.wording_sha256,
      NEW.third_parties, NEW.cross_border, NEW.published)
BEGIN SELECT RAISE(ABORT, 'consent: a consent is never changed, only withdrawn, and once'); END;

CREATE TRIGGER withdrawal_destroys AFTER UPDATE OF withdrawn_at ON consent
BEGIN DELETE FROM template WHERE consent = NEW.id; END;

CREATE TRIGGER template_in AFTER INSERT ON template
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER template_out AFTER DELETE ON template
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER consent_in AFTER INSERT ON consent
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER consent_ended AFTER UPDATE ON consent
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER child_out AFTER DELETE ON child
BEGIN UPDATE generation SET value = value + 1; END;
