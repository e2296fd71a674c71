-- replace_if_better shows both scores.
ALTER TABLE job_item ADD COLUMN existing_quality_score DOUBLE PRECISION;
