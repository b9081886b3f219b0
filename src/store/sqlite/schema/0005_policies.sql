-- What owners say of checks, and which objects a file of theirs made.

CREATE TABLE policy (
	id BLOB PRIMARY KEY,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,
	selector TEXT NOT NULL,          -- as in schedule
	document TEXT NOT NULL,          -- JSON: app/policy_document.h
	created_at INTEGER NOT NULL,
	version INTEGER NOT NULL DEFAULT 1,
	UNIQUE (workspace, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE applied (               -- made by dss apply: what pruning may take away
	workspace INTEGER NOT NULL,
	kind INTEGER NOT NULL,           -- enum applied_kind
	object BLOB NOT NULL,
	PRIMARY KEY (workspace, kind, object)
) STRICT, WITHOUT ROWID;
