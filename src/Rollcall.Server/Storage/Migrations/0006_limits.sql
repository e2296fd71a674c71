-- Bytes of the images that an organization has stored, and its own limit on them; null: the server's.
ALTER TABLE organization ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN stored_bytes_limit BIGINT;

UPDATE organization SET stored_bytes = (
  SELECT COALESCE(SUM(i.blob_bytes), 0) FROM job_item i JOIN job j ON j.id = i.job_id
  WHERE j.organization_id = organization.id AND i.blob IS NOT NULL);

-- Kept by the database, so that no statement that gives a blob to a row or takes it away can forget to count.
CREATE TRIGGER job_item_stored_insert AFTER INSERT ON job_item WHEN NEW.blob IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes + NEW.blob_bytes WHERE id = (SELECT organization_id FROM job WHERE id = NEW.job_id);
END;

CREATE TRIGGER job_item_stored_update AFTER UPDATE OF blob, blob_bytes ON job_item WHEN OLD.blob IS NOT NULL OR NEW.blob IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes
    - CASE WHEN OLD.blob IS NULL THEN 0 ELSE OLD.blob_bytes END + CASE WHEN NEW.blob IS NULL THEN 0 ELSE NEW.blob_bytes END
  WHERE id = (SELECT organization_id FROM job WHERE id = NEW.job_id);
END;

CREATE TRIGGER job_item_stored_delete AFTER DELETE ON job_item WHEN OLD.blob IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes - OLD.blob_bytes WHERE id = (SELECT organization_id FROM job WHERE id = OLD.job_id);
END;
