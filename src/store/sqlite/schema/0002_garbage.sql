-- Fact sets, documents and facts that nobody may name any more, and where the audit trail begins.

CREATE TABLE garbage (               -- content whose reader went: the collector looks whether it was the last
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: who comes anew is not who was looked at
	kind INTEGER NOT NULL,           -- enum content (store/garbage.h)
	no INTEGER NOT NULL,
	UNIQUE (kind, no)
) STRICT;
CREATE INDEX garbage_in_order ON garbage (kind, sequence);

-- However a scan goes, what it named is looked at, unless a later scan of the domain names it too.
CREATE TRIGGER garbage_of_set AFTER DELETE ON scan
WHEN old.fact_set IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scan
	WHERE domain = old.domain AND no > old.no AND fact_set = old.fact_set)
BEGIN
	DELETE FROM garbage WHERE kind = 0 AND no = old.fact_set;
	INSERT INTO garbage (kind, no) VALUES (0, old.fact_set);
END;
CREATE TRIGGER garbage_of_verdicts AFTER DELETE ON scan
WHEN old.verdicts IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scan
	WHERE domain = old.domain AND no > old.no AND verdicts = old.verdicts)
BEGIN
	DELETE FROM garbage WHERE kind = 1 AND no = old.verdicts;
	INSERT INTO garbage (kind, no) VALUES (1, old.verdicts);
END;
CREATE TRIGGER garbage_of_areas AFTER DELETE ON scan
WHEN old.areas IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scan
	WHERE domain = old.domain AND no > old.no AND areas = old.areas)
BEGIN
	DELETE FROM garbage WHERE kind = 1 AND no = old.areas;
	INSERT INTO garbage (kind, no) VALUES (1, old.areas);
END;
CREATE TRIGGER garbage_of_algorithm AFTER DELETE ON scan
WHEN old.algorithm IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scan
	WHERE domain = old.domain AND no > old.no AND algorithm = old.algorithm)
BEGIN
	DELETE FROM garbage WHERE kind = 1 AND no = old.algorithm;
	INSERT INTO garbage (kind, no) VALUES (1, old.algorithm);
END;
-- What a domain's next scan is compared with outlives the scan that saw it.
CREATE TRIGGER garbage_of_baseline AFTER UPDATE OF fact_set ON domain
WHEN old.fact_set IS NOT NULL AND new.fact_set IS NOT old.fact_set AND NOT EXISTS (SELECT 1 FROM scan
	WHERE domain = old.no AND fact_set = old.fact_set)
BEGIN
	DELETE FROM garbage WHERE kind = 0 AND no = old.fact_set;
	INSERT INTO garbage (kind, no) VALUES (0, old.fact_set);
END;
CREATE TRIGGER garbage_of_domain AFTER DELETE ON domain
WHEN old.fact_set IS NOT NULL
BEGIN
	DELETE FROM garbage WHERE kind = 0 AND no = old.fact_set;
	INSERT INTO garbage (kind, no) VALUES (0, old.fact_set);
END;

-- What scans that went earlier have left behind.
INSERT INTO garbage (kind, no) SELECT 0, no FROM fact_set WHERE no NOT IN
	(SELECT fact_set FROM scan WHERE fact_set IS NOT NULL
	 UNION SELECT fact_set FROM domain WHERE fact_set IS NOT NULL);
INSERT INTO garbage (kind, no) SELECT 1, no FROM document WHERE no NOT IN
	(SELECT verdicts FROM scan WHERE verdicts IS NOT NULL
	 UNION SELECT areas FROM scan WHERE areas IS NOT NULL
	 UNION SELECT algorithm FROM scan WHERE algorithm IS NOT NULL);

CREATE TABLE audit_head (            -- one row once rows were let go: the last of these
	one INTEGER PRIMARY KEY CHECK (one = 1),
	sequence INTEGER NOT NULL,
	hash BLOB NOT NULL
) STRICT;
