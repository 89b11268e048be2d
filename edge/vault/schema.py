"""The vault's tables and the rules that hold even if the code above them is wrong.

Times are UTC text of one fixed width, so that they compare as strings.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from edge.vault.editions_schema import EDITIONS
from edge.vault.erasures_schema import ERASURES
from edge.vault.requests_schema import REQUESTS
from edge.vault.retention_schema import RETENTION

MIGRATIONS = Migrations("qaqpa.vault")

_TABLES = """
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
"""

_RULES = """
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
"""


@MIGRATIONS()
def m001_tables_and_rules(db: Database) -> None:
    """Children, guardians, consents, templates, and the triggers that tie them."""
    for statement in _statements(_TABLES + _RULES):
        db.conn.execute(statement)


_LOOK_ALIKES = """
CREATE TABLE look_alike (
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    other TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    PRIMARY KEY (child, other),
    CHECK (child < other)
) STRICT;
CREATE TRIGGER look_alike_in AFTER INSERT ON look_alike
BEGIN UPDATE generation SET value = value + 1; END;
CREATE TRIGGER look_alike_out AFTER DELETE ON look_alike
BEGIN UPDATE generation SET value = value + 1; END;
"""


@MIGRATIONS()
def m002_look_alikes(db: Database) -> None:
    """Pairs of children whom no face decides between."""
    for statement in _statements(_LOOK_ALIKES):
        db.conn.execute(statement)


_TRENDS = """
CREATE TABLE trend (
    child TEXT NOT NULL REFERENCES child (id) ON DELETE CASCADE,
    engine TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (child, engine)
) STRICT;
CREATE INDEX template_by_child ON template (child, engine);

CREATE TRIGGER trend_needs_template BEFORE INSERT ON trend
WHEN NOT EXISTS (SELECT 1 FROM template t WHERE t.child = NEW.child AND t.engine = NEW.engine)
BEGIN SELECT RAISE(ABORT, 'consent: no template stands behind this trend'); END;

CREATE TRIGGER template_in_ends_trend AFTER INSERT ON template
BEGIN DELETE FROM trend WHERE child = NEW.child; END;
CREATE TRIGGER template_out_ends_trend AFTER DELETE ON template
BEGIN DELETE FROM trend WHERE child = OLD.child; END;
"""


@MIGRATIONS()
def m003_trends(db: Database) -> None:
    """How each child's scores go. A trend is of the templates as they are: it ends with any change of them.

    It is no part of what may be matched, so it leaves the generation alone.
    """
    for statement in _statements(_TRENDS):
        db.conn.execute(statement)


_CREDENTIALS = """
CREATE TABLE visitor (
    id TEXT PRIMARY KEY CHECK (length(id) = 32),
    sealed BLOB NOT NULL,
    ends_at TEXT NOT NULL
) STRICT;

CREATE TABLE credential (
    kind TEXT NOT NULL CHECK (kind IN ('qr', 'card')),
    child TEXT REFERENCES child (id) ON DELETE CASCADE,
    visitor TEXT REFERENCES visitor (id) ON DELETE CASCADE,
    holder TEXT NOT NULL GENERATED ALWAYS AS (coalesce(child, visitor)) STORED,
    issue INTEGER NOT NULL CHECK (issue BETWEEN 1 AND 4294967295),
    card_hash BLOB CHECK (length(card_hash) = 32),
    issued_at TEXT NOT NULL,
    expires_at TEXT CHECK (expires_at > issued_at),
    revoked_at TEXT CHECK (revoked_at >= issued_at),
    CHECK ((child IS NULL) <> (visitor IS NULL)),
    CHECK ((kind = 'card') = (card_hash IS NOT NULL)),
    CHECK (kind = 'card' OR expires_at IS NOT NULL),
    UNIQUE (holder, kind, issue)
) STRICT;
CREATE INDEX credential_by_child ON credential (child);
CREATE INDEX credential_by_visitor ON credential (visitor);
CREATE UNIQUE INDEX one_holder_a_card ON credential (card_hash) WHERE revoked_at IS NULL;

CREATE TRIGGER credential_issue_grows BEFORE INSERT ON credential
WHEN NEW.issue <= (SELECT max(issue) FROM credential WHERE holder = NEW.holder AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'credential: an issue number is used once, in order'); END;

CREATE TRIGGER credential_replaces AFTER INSERT ON credential
BEGIN
    UPDATE credential SET revoked_at = max(NEW.issued_at, issued_at)
    WHERE holder = NEW.holder AND kind = NEW.kind AND issue < NEW.issue AND revoked_at IS NULL;
END;

CREATE TRIGGER credential_only_ends BEFORE UPDATE ON credential
WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
  OR (OLD.kind, OLD.child, OLD.visitor, OLD.issue, OLD.card_hash, OLD.issued_at, OLD.expires_at)
  IS NOT
     (NEW.kind, NEW.child, NEW.visitor, NEW.issue, NEW.card_hash, NEW.issued_at, NEW.expires_at)
BEGIN SELECT RAISE(ABORT, 'credential: a credential is never changed, only revoked, and once'); END;
"""


@MIGRATIONS()
def m004_credentials(db: Database) -> None:
    """Passes and cards. They need no consent, and are no part of what may be matched."""
    for statement in _statements(_CREDENTIALS):
        db.conn.execute(statement)


_STAFF = """
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
"""


@MIGRATIONS()
def m005_staff(db: Database) -> None:
    """Staff on the roster, and their PINs. Whoever is on it already is a pupil."""
    for statement in _statements(_STAFF):
        db.conn.execute(statement)


_BLOCKS = """
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
"""


@MIGRATIONS()
def m006_blocks(db: Database) -> None:
    """Objections, which destroy what is held of a face, and restrictions, which only keep it from use."""
    for statement in _statements(_BLOCKS):
        db.conn.execute(statement)


_RENEWAL = """
DROP TRIGGER template_never_changes;
CREATE TRIGGER template_never_moves BEFORE UPDATE ON template
WHEN (OLD.id, OLD.child, OLD.consent, OLD.engine, OLD.created_at)
  IS NOT (NEW.id, NEW.child, NEW.consent, NEW.engine, NEW.created_at)
BEGIN SELECT RAISE(ABORT, 'consent: a template never moves to another child or consent'); END;
"""


@MIGRATIONS()
def m007_renewal(db: Database) -> None:
    """A template may be sealed anew, under another key or rotation, and stays what it is of."""
    for statement in _statements(_RENEWAL):
        db.conn.execute(statement)


@MIGRATIONS()
def m008_editions(db: Database) -> None:
    """Adopted editions, kept wordings, and consents that a wider edition suspends."""
    for statement in _statements(EDITIONS):
        db.conn.execute(statement)


@MIGRATIONS()
def m009_erasures(db: Database) -> None:
    """What was destroyed, when, and the receipt for it. No foreign key: the child may be gone."""
    for statement in _statements(ERASURES):
        db.conn.execute(statement)


@MIGRATIONS()
def m010_requests(db: Database) -> None:
    """The register of requests. It is no part of what may be matched."""
    for statement in _statements(REQUESTS):
        db.conn.execute(statement)


@MIGRATIONS()
def m011_retention(db: Database) -> None:
    """Who left, when terms were last kept, the register of disclosures, breaches."""
    for statement in _statements(RETENTION):
        db.conn.execute(statement)


def _statements(script: str) -> list[str]:
    """Whole statements, triggers included; executescript() would commit half-way."""
    parts = [""]
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        if sqlite3.complete_statement(parts[-1]):
            parts.append("")
    return parts[:-1]
