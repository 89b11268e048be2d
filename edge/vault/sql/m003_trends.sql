-- How each child's scores go. A trend is of the templates as they are: it ends with any change of them. It
-- is no part of what may be matched, so it leaves the generation alone.

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
