-- works with releases from schema 1
-- As sqlite/schema/0005_policies.sql.

CREATE TABLE policy (
	id bytea PRIMARY KEY,
	workspace bigint NOT NULL REFERENCES workspace (no),
	name text COLLATE "C" NOT NULL,
	selector text COLLATE "C" NOT NULL,
	document text COLLATE "C" NOT NULL,
	created_at bigint NOT NULL,
	version bigint NOT NULL DEFAULT 1,
	UNIQUE (workspace, name)
);

CREATE TABLE applied (
	workspace bigint NOT NULL,
	kind bigint NOT NULL,
	object bytea NOT NULL,
	PRIMARY KEY (workspace, kind, object)
);
