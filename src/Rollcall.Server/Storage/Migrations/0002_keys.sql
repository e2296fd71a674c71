-- Keys that are confined to collections (ids, separated by spaces) and to addresses; null: to none.
ALTER TABLE api_key ADD COLUMN collections TEXT;
ALTER TABLE api_key ADD COLUMN allowed_ips TEXT;
ALTER TABLE api_key ADD COLUMN last_used_at BIGINT;

-- A deleted collection: the row stays, without anything in it, for as long as there are jobs to be read about.
ALTER TABLE collection ADD COLUMN deleted_at BIGINT;
CREATE INDEX job_collection ON job (collection_id);
