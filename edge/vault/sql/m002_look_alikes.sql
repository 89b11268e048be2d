-- Pairs of children whom no face decides between.

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
