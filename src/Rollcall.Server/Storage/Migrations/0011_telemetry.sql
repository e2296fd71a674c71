-- The traced request that submitted a job, as traceparent writes it; null when it was not traced.
ALTER TABLE job ADD COLUMN trace_parent TEXT;

-- Uploads that are kept are few among the items: their bytes are summed without looking at the rest.
CREATE INDEX job_item_upload ON job_item (blob_bytes) WHERE blob IS NOT NULL;
