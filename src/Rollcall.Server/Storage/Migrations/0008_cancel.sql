-- When a job was cancelled. Such a job ends done, never failed, and none of its work waits: what is not under lease has ended.
ALTER TABLE job ADD COLUMN cancelled_at BIGINT CHECK (cancelled_at IS NULL OR status IN ('processing', 'done'));

-- The few that are looked at whenever a lease ends.
CREATE INDEX job_cancelled ON job (id) WHERE cancelled_at IS NOT NULL AND completed_at IS NULL;
