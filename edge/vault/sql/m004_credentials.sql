-- Passes and cards. They need no consent, and are no part of what may be matched.

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
