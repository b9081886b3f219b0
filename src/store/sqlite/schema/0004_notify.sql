-- Where events go, which of them, and the proof that they went.

CREATE TABLE channel (
	no INTEGER PRIMARY KEY AUTOINCREMENT,
	id BLOB NOT NULL UNIQUE,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,
	kind INTEGER NOT NULL,           -- enum channel_kind
	settings BLOB NOT NULL,          -- what is no secret, by kind (store/channel.h)
	secrets BLOB,                    -- what is, sealed (store/seal.h)
	is_enabled INTEGER NOT NULL DEFAULT 1,
	reason TEXT,                     -- why it is disabled, when DSS did that
	failures INTEGER NOT NULL DEFAULT 0, -- attempts in a row
	rest_until INTEGER,              -- nothing is sent before
	delivered_at INTEGER,            -- last success
	created_at INTEGER NOT NULL,
	version INTEGER NOT NULL DEFAULT 1,
	UNIQUE (workspace, name)
) STRICT;
CREATE INDEX channel_in_order ON channel (workspace, no);

CREATE TABLE rule (
	no INTEGER PRIMARY KEY AUTOINCREMENT,
	id BLOB NOT NULL UNIQUE,
	workspace INTEGER NOT NULL REFERENCES workspace (no),
	name TEXT NOT NULL,
	events TEXT NOT NULL,            -- patterns of event types, with blanks between
	immediate TEXT NOT NULL,         -- those of them that wait for no digest; likewise
	selector TEXT NOT NULL,          -- as in schedule
	area TEXT,                       -- prefix of check ids
	severity INTEGER NOT NULL,       -- the least
	digest_s INTEGER NOT NULL,       -- 0: each event by itself
	is_enabled INTEGER NOT NULL DEFAULT 1,
	since INTEGER NOT NULL,          -- event.sequence: only later ones
	created_at INTEGER NOT NULL,
	version INTEGER NOT NULL DEFAULT 1,
	UNIQUE (workspace, name)
) STRICT;
CREATE INDEX rule_in_order ON rule (workspace, no);

CREATE TABLE rule_channel (
	rule INTEGER NOT NULL REFERENCES rule (no) ON DELETE CASCADE,
	channel INTEGER NOT NULL REFERENCES channel (no) ON DELETE CASCADE,
	PRIMARY KEY (rule, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_of_channel ON rule_channel (channel);

CREATE TABLE delivery (              -- one message to one receiver, however often it is tried
	no INTEGER PRIMARY KEY AUTOINCREMENT,
	id BLOB NOT NULL UNIQUE,         -- what receivers drop repeats by
	workspace INTEGER NOT NULL,
	channel INTEGER NOT NULL REFERENCES channel (no) ON DELETE CASCADE,
	recipient TEXT NOT NULL DEFAULT '', -- a domain's owner; '': whom the channel names
	kind INTEGER NOT NULL,           -- enum delivery_kind
	state INTEGER NOT NULL,          -- enum delivery_state
	domain INTEGER NOT NULL DEFAULT 0, -- of its event; 0: several, or none
	events INTEGER NOT NULL DEFAULT 0, -- how many it tells of; delivery_event has at most a part
	created_at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,         -- when its window closes, or the next attempt is
	attempt INTEGER NOT NULL DEFAULT 0,
	first_at INTEGER,                -- when the first attempt had ended: those behind it may go
	token INTEGER NOT NULL DEFAULT 0, -- fencing: grows with each take
	holder BLOB,                     -- the notifier that sends it
	lease_until INTEGER,
	-- what came of the last attempt
	ended_at INTEGER,                -- final
	status INTEGER,                  -- of HTTP or SMTP
	elapsed_us INTEGER,
	reply TEXT,
	error TEXT,
	transcript TEXT
) STRICT;
CREATE INDEX delivery_in_order ON delivery (workspace, no);
CREATE INDEX delivery_by_channel ON delivery (channel, no);
CREATE UNIQUE INDEX delivery_window ON delivery (channel, recipient) WHERE state = 0;
CREATE INDEX delivery_closing ON delivery (due_at) WHERE state = 0;
CREATE INDEX delivery_waiting ON delivery (channel, due_at, no) WHERE state = 1;
CREATE INDEX delivery_waiting_long ON delivery (created_at) WHERE state = 1;
CREATE INDEX delivery_sending ON delivery (channel, lease_until) WHERE state = 2;
CREATE INDEX delivery_first ON delivery (channel, domain, no) WHERE first_at IS NULL AND state IN (1, 2);
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE delivery_event (        -- a channel gets an event once
	channel INTEGER NOT NULL,
	event INTEGER NOT NULL,          -- event.sequence
	delivery INTEGER NOT NULL REFERENCES delivery (no) ON DELETE CASCADE,
	PRIMARY KEY (channel, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_events ON delivery_event (delivery, event);

CREATE TABLE reader (                -- how far the events were read, by whom
	name TEXT PRIMARY KEY,
	sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE expiry ADD COLUMN remind_at INTEGER DEFAULT 1; -- NULL: no more; 1: to be worked out
CREATE INDEX expiry_remind ON expiry (remind_at) WHERE remind_at IS NOT NULL;
