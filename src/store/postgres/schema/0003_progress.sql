-- works with releases from schema 1
-- As sqlite/schema/0003_progress.sql.

ALTER TABLE scan ADD COLUMN progress bigint;
