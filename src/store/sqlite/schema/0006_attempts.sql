-- Each attempt of a delivery that did not end it, and digests at an hour of the day.

CREATE TABLE delivery_attempt (      -- of a delivery the newest DELIVERY_ATTEMPTS
	delivery INTEGER NOT NULL REFERENCES delivery (no) ON DELETE CASCADE,
	at INTEGER NOT NULL,             -- when it had ended
	status INTEGER,                  -- as in delivery
	elapsed_us INTEGER,
	reply TEXT,
	error TEXT,
	PRIMARY KEY (delivery, at)
) STRICT, WITHOUT ROWID;

ALTER TABLE rule ADD COLUMN digest_at TEXT; -- "daily 08:00 Europe/Berlin" (app/digest.h); NULL: by digest_s
