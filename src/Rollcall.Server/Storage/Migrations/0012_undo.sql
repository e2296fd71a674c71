-- When a job was undone, and what the answer was: a repeat gets the same.
ALTER TABLE job ADD COLUMN undone_at BIGINT;
ALTER TABLE job ADD COLUMN undone TEXT;
