-- What is stored. Times are UTC microseconds; ids are UUIDv7, 16 octets; every row belongs to a workspace.
-- Rows that many others name (workspace, domain, batch, scan, fact, fact_set, document) have a small
-- number besides, which indexes and references use: a rescan that finds nothing new is to cost few octets.

CREATE TABLE secret (            -- of this store: signs cursors, seeds hashes
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workspace (
	no INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: events keep it
	id BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL UNIQUE,
	created_at INTEGER NOT NULL,
	version INTEGER NOT NULL DEFAULT 1,
	-- quotas, 0: none; their use, kept in the transaction that accepts or ends
	max_domains INTEGER NOT NULL DEFAULT 0,
	max_scans_per_day INTEGER NOT NULL DEFAULT 0,
	max_scans_in_flight INTEGER NOT NULL DEFAULT 0,   -- running at once; more wait
	max_requests_per_minute INTEGER NOT NULL DEFAULT 0, -- of one key
	domains INTEGER NOT NULL DEFAULT 0,
	day INTEGER NOT NULL DEFAULT 0,                    -- UTC day number of scans_today
	scans_today INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO workspace (no, id, name, created_at)
	VALUES (1, randomblob(16), 'default', CAST(strftime('%s', 'now') AS INTEGER) * 1000000);

CREATE TABLE user (
	id BLOB PRIMARY KEY,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL UNIQUE,       -- what one logs in with
	role INTEGER NOT NULL,
	password TEXT,                   -- argon2id string; NULL: by link only
	is_disabled INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	last_login_at INTEGER,
	failures INTEGER NOT NULL DEFAULT 0,
	locked_until INTEGER,
	version INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE INDEX user_by_workspace ON user (workspace, id);

CREATE TABLE login_link (        -- works once
	hash BLOB PRIMARY KEY,
	user BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
	hash BLOB PRIMARY KEY,           -- of the cookie
	id BLOB NOT NULL UNIQUE,
	user BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	csrf TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE key (
	id BLOB PRIMARY KEY,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,
	hash BLOB NOT NULL UNIQUE,       -- blake2b of the secret
	prefix TEXT NOT NULL,            -- its first characters, to tell keys apart
	role INTEGER NOT NULL,
	scopes INTEGER NOT NULL,         -- bits of enum scope
	created_by BLOB,
	created_at INTEGER NOT NULL,
	expires_at INTEGER,
	used_at INTEGER,
	revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX key_by_workspace ON key (workspace, id);

CREATE TABLE domain (
	no INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: events keep it
	id BLOB NOT NULL UNIQUE,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,              -- A-labels, lower case, no trailing dot
	owner TEXT,
	notes TEXT,
	profile INTEGER,                 -- NULL: the scan's or the settings'
	expectations TEXT,               -- JSON: issuers, name servers, mail provider, ports
	version INTEGER NOT NULL DEFAULT 1,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	deleted_at INTEGER,              -- history stays; adding the name again brings the row back
	proof_token TEXT,
	proven_at INTEGER,
	-- summary of the last final scan that judged something
	scan BLOB,
	scanned_at INTEGER,
	grade INTEGER NOT NULL DEFAULT 0,
	score INTEGER,
	fact_set INTEGER,
	open_info INTEGER NOT NULL DEFAULT 0,
	open_low INTEGER NOT NULL DEFAULT 0,
	open_medium INTEGER NOT NULL DEFAULT 0,
	open_high INTEGER NOT NULL DEFAULT 0,
	open_critical INTEGER NOT NULL DEFAULT 0,
	expires_at INTEGER,              -- the soonest row of expiry
	-- what lists are ordered by: never scanned is the longest ago, an unknown expiry the last
	scanned_key INTEGER GENERATED ALWAYS AS (coalesce(scanned_at, 0)) VIRTUAL,
	expires_key INTEGER GENERATED ALWAYS AS (coalesce(expires_at, 9223372036854775807)) VIRTUAL,
	UNIQUE (workspace, name)
) STRICT;
CREATE INDEX domain_by_workspace ON domain (workspace) WHERE deleted_at IS NULL;
CREATE INDEX domain_by_grade ON domain (workspace, grade, name) WHERE deleted_at IS NULL;
CREATE INDEX domain_by_scanned ON domain (workspace, scanned_key, name) WHERE deleted_at IS NULL;
CREATE INDEX domain_by_expiry ON domain (workspace, expires_key, name) WHERE deleted_at IS NULL;
CREATE INDEX domain_by_owner ON domain (workspace, owner, name) WHERE deleted_at IS NULL AND owner IS NOT NULL;

CREATE TABLE tag (
	workspace INTEGER NOT NULL,
	tag TEXT NOT NULL,
	domain INTEGER NOT NULL REFERENCES domain (no) ON DELETE CASCADE,
	PRIMARY KEY (workspace, tag, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_domain ON tag (domain, tag);

CREATE TABLE schedule (
	id BLOB PRIMARY KEY,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,
	cron TEXT NOT NULL,
	zone TEXT NOT NULL,
	jitter_s INTEGER NOT NULL DEFAULT 0,
	blackouts TEXT,                  -- formats/blackout.h
	selector TEXT NOT NULL,          -- "all", "tag:corp", "owner:…", "name:*.example"
	profile INTEGER,
	priority INTEGER NOT NULL,
	missed INTEGER NOT NULL,         -- enum missed_policy
	is_enabled INTEGER NOT NULL DEFAULT 1,
	next_at INTEGER,                 -- when the next fire is due, jitter included
	next_tick INTEGER,               -- the tick that it stands for: cron's own time
	last_at INTEGER,
	last_tick INTEGER,
	created_at INTEGER NOT NULL,
	version INTEGER NOT NULL DEFAULT 1,
	UNIQUE (workspace, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (next_at) WHERE is_enabled = 1;

CREATE TABLE batch (
	no INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	cause INTEGER NOT NULL,          -- enum batch_cause: api, schedule, import, command
	schedule BLOB,
	tick INTEGER,
	selector TEXT,                   -- NULL: the names of batch_name
	profile INTEGER,
	priority INTEGER NOT NULL,
	state INTEGER NOT NULL,          -- enum batch_state
	cursor INTEGER NOT NULL DEFAULT 0, -- domain.no or batch_name.position that is expanded
	total INTEGER NOT NULL DEFAULT 0,  -- scans made so far; all of them once it runs
	done INTEGER NOT NULL DEFAULT 0,
	incomplete INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	cancelled INTEGER NOT NULL DEFAULT 0,
	created_by BLOB,
	created_at INTEGER NOT NULL,
	expanded_at INTEGER,
	ended_at INTEGER,
	trace TEXT,
	UNIQUE (schedule, tick)          -- a schedule fires once per tick
) STRICT;
CREATE INDEX batch_by_workspace ON batch (workspace, no);
CREATE INDEX batch_expanding ON batch (no) WHERE state = 0;

CREATE TABLE batch_name (
	batch INTEGER NOT NULL REFERENCES batch (no) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan (
	no INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,         -- its time is created_at
	workspace INTEGER NOT NULL,
	domain INTEGER NOT NULL REFERENCES domain (no) ON DELETE CASCADE,
	state INTEGER NOT NULL,          -- enum scan_status
	profile INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	flags INTEGER NOT NULL DEFAULT 0, -- enum scan_flag: active, fresh
	batch INTEGER,                   -- batch.no
	retry_of BLOB,
	recheck TEXT,                    -- check id or prefix: only that family
	created_by BLOB,
	trace TEXT,
	-- on its way; all NULL again when it has ended
	published_at INTEGER,            -- on the bus or running; NULL: the relay's turn
	cancel_at INTEGER,               -- cancel was asked for
	worker BLOB,
	token INTEGER NOT NULL DEFAULT 0, -- fencing: grows with each take
	attempt INTEGER NOT NULL DEFAULT 0,
	deaths INTEGER NOT NULL DEFAULT 0, -- scanners that it killed
	-- how it ended
	started_at INTEGER,
	ended_at INTEGER,                -- NULL: open
	grade INTEGER NOT NULL DEFAULT 0,
	score INTEGER,
	areas INTEGER,                   -- document.no of the areas' points (store/scan.h)
	gaps INTEGER NOT NULL DEFAULT 0, -- checks left unknown
	algorithm INTEGER,               -- document.no of its version text
	fact_set INTEGER,
	volatile BLOB,                   -- seen times and volatile values (store/fact.h); NULL: the set's
	verdicts INTEGER,                -- document.no
	error TEXT
) STRICT;
CREATE INDEX scan_by_workspace ON scan (workspace, no);
CREATE INDEX scan_by_domain ON scan (domain, no);
CREATE INDEX scan_by_state ON scan (workspace, state, no) WHERE state <> 2; -- those not done: few
CREATE UNIQUE INDEX scan_of_batch ON scan (batch, domain) WHERE batch IS NOT NULL;
CREATE INDEX scan_open ON scan (domain) WHERE ended_at IS NULL;
CREATE INDEX scan_waiting ON scan (priority, workspace, no) WHERE state = 0 AND published_at IS NULL;
CREATE INDEX scan_in_flight ON scan (workspace, state) WHERE published_at IS NOT NULL;
CREATE INDEX scan_running ON scan (worker) WHERE worker IS NOT NULL;

CREATE TABLE fact (
	no INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,       -- blake2b-256 of the stable form
	bytes BLOB NOT NULL              -- zstd of the stable form
) STRICT;

CREATE TABLE fact_set (
	no INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,       -- of the facts' hashes in question order
	facts BLOB NOT NULL,             -- zigzag varints: each fact's no, from the one before
	volatile BLOB                    -- of the first scan that saw this set; others are coded against it
) STRICT;

CREATE TABLE document (              -- verdicts and other texts, once by content
	no INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	bytes BLOB NOT NULL              -- zstd
) STRICT;

CREATE TABLE finding (
	id BLOB PRIMARY KEY,
	workspace INTEGER NOT NULL,
	domain INTEGER NOT NULL REFERENCES domain (no) ON DELETE CASCADE,
	check_id TEXT NOT NULL,
	subject TEXT NOT NULL,           -- stable: a name, name:port; never a rotating address
	severity INTEGER NOT NULL,
	status INTEGER NOT NULL,         -- enum finding_status
	text TEXT NOT NULL,              -- of its last sight
	evidence TEXT,                   -- JSON: questions, from, seen
	first_seen INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	opened_by BLOB,
	closed_by BLOB,
	closed_at INTEGER,
	reason TEXT,                     -- of accepted, false positive
	until INTEGER,
	decided_by TEXT,
	version INTEGER NOT NULL DEFAULT 1,
	UNIQUE (domain, check_id, subject)
) STRICT, WITHOUT ROWID;
-- Lists are worst first, then newest first: read backwards.
CREATE INDEX finding_by_severity ON finding (workspace, severity, id);
CREATE INDEX finding_by_status ON finding (workspace, status, severity, id);
CREATE INDEX finding_by_check ON finding (workspace, check_id, status, severity, id, domain);
CREATE INDEX finding_until ON finding (until) WHERE until IS NOT NULL;

CREATE TABLE change (
	no INTEGER PRIMARY KEY,
	workspace INTEGER NOT NULL,
	domain INTEGER NOT NULL REFERENCES domain (no) ON DELETE CASCADE,
	scan BLOB NOT NULL,
	at INTEGER NOT NULL,
	kind INTEGER NOT NULL,           -- added, removed, changed
	question TEXT NOT NULL,          -- "dns example.com MX"
	field TEXT NOT NULL,
	before TEXT,
	after TEXT,
	severity INTEGER NOT NULL
) STRICT;
CREATE INDEX change_by_domain ON change (domain, at, no);
CREATE INDEX change_by_workspace ON change (workspace, at, no);

CREATE TABLE expiry (
	domain INTEGER NOT NULL REFERENCES domain (no) ON DELETE CASCADE,
	kind INTEGER NOT NULL,           -- enum expiry_kind: certificate, registration, rrsig, key
	subject TEXT NOT NULL,
	workspace INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (domain, kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX expiry_by_time ON expiry (workspace, at, domain, kind, subject);

CREATE TABLE event (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- with at it gives the event's id (store/event.h)
	workspace INTEGER NOT NULL,
	type INTEGER NOT NULL,           -- enum event_type; words in store/event.h
	at INTEGER NOT NULL,
	domain INTEGER,
	scan BLOB,
	object BLOB,                     -- finding, batch, schedule … by type
	severity INTEGER,
	data TEXT,                       -- JSON object of what the columns do not say
	trace TEXT                       -- NULL: the scan's
) STRICT;
CREATE INDEX event_by_workspace ON event (workspace, sequence);

CREATE TABLE job (                   -- the embedded bus
	no INTEGER PRIMARY KEY AUTOINCREMENT,
	queue INTEGER NOT NULL,
	message BLOB NOT NULL,
	available_at INTEGER NOT NULL,
	enqueued_at INTEGER NOT NULL,
	lease_until INTEGER,             -- NULL: free
	consumer BLOB,
	token INTEGER NOT NULL DEFAULT 0,
	attempt INTEGER NOT NULL DEFAULT 0,
	reason TEXT,                     -- of the last retry, or of its death
	dead_at INTEGER
) STRICT;
CREATE INDEX job_ready ON job (queue, available_at, no) WHERE lease_until IS NULL AND dead_at IS NULL;
CREATE INDEX job_leased ON job (lease_until) WHERE lease_until IS NOT NULL AND dead_at IS NULL;
CREATE INDEX job_dead ON job (dead_at, no) WHERE dead_at IS NOT NULL;

CREATE TABLE worker (
	id BLOB PRIMARY KEY,
	host TEXT NOT NULL,
	pid INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	lease_until INTEGER NOT NULL,
	capacity INTEGER NOT NULL,       -- scans in flight that it takes
	running INTEGER NOT NULL DEFAULT 0,
	is_draining INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (                 -- leaders
	name TEXT PRIMARY KEY,
	holder BLOB NOT NULL,
	token INTEGER NOT NULL,          -- fencing
	until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
	workspace INTEGER NOT NULL,
	key TEXT NOT NULL,
	request BLOB NOT NULL,           -- hash of method, path, body
	status INTEGER NOT NULL,
	response BLOB NOT NULL,
	location TEXT,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

CREATE TABLE audit (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT,
	workspace INTEGER NOT NULL,
	at INTEGER NOT NULL,
	actor TEXT NOT NULL,             -- "key_…", "usr_…", "system"
	action TEXT NOT NULL,            -- "domain.update"
	subject TEXT NOT NULL,
	before TEXT,
	after TEXT,
	hash BLOB NOT NULL               -- blake2b of the previous row's hash and this row
) STRICT;
CREATE INDEX audit_by_workspace ON audit (workspace, sequence);
