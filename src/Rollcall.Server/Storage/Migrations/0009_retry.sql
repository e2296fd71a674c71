-- The job whose failed items this one tries again. Their uploads belong to its items now, under the names that their first job gave them.
ALTER TABLE job ADD COLUMN parent_job_id TEXT;

-- Whose upload a file is, when it is not in its own job's folder.
CREATE INDEX job_item_blob ON job_item (blob) WHERE blob IS NOT NULL;
