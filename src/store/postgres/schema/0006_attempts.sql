-- works with releases from schema 1
-- As sqlite/schema/0006_attempts.sql.

CREATE TABLE delivery_attempt (
	delivery bigint NOT NULL REFERENCES delivery (no) ON DELETE CASCADE,
	at bigint NOT NULL,
	status bigint,
	elapsed_us bigint,
	reply text COLLATE "C",
	error text COLLATE "C",
	PRIMARY KEY (delivery, at)
);

ALTER TABLE rule ADD COLUMN digest_at text COLLATE "C";
