-- Where each audit trail ended when that was last written down, authenticated by the audit key.

CREATE TABLE trail_end (
    trail TEXT PRIMARY KEY CHECK (trail <> ''),
    records INTEGER NOT NULL CHECK (records >= 0),
    chain TEXT NOT NULL CHECK (length(chain) = 64),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
