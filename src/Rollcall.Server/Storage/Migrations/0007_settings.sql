-- The photograph that a reference keeps where its collection keeps images. The row owns the blob from the commit that made it: it is
-- the upload of the item, which gave it up in the same transaction.
ALTER TABLE face ADD COLUMN image TEXT;
ALTER TABLE face ADD COLUMN image_bytes BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX face_image ON face (image) WHERE image IS NOT NULL;
CREATE INDEX face_kept ON face (collection_id, image) WHERE image IS NOT NULL;

-- Two of the settings, again, for the sweeps that go by them.
ALTER TABLE collection ADD COLUMN keep_images INTEGER NOT NULL DEFAULT 0 CHECK (keep_images IN (0, 1));
ALTER TABLE collection ADD COLUMN retention_days BIGINT;
CREATE INDEX collection_retention ON collection (id) WHERE retention_days IS NOT NULL;
CREATE INDEX face_age ON face (collection_id, created_at);

-- Kept images count among the organization's stored bytes, as uploads do: what an item gives up a reference takes.
CREATE TRIGGER face_stored_insert AFTER INSERT ON face WHEN NEW.image IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes + NEW.image_bytes WHERE id = NEW.organization_id;
END;

CREATE TRIGGER face_stored_update AFTER UPDATE OF image, image_bytes ON face WHEN OLD.image IS NOT NULL OR NEW.image IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes
    - CASE WHEN OLD.image IS NULL THEN 0 ELSE OLD.image_bytes END + CASE WHEN NEW.image IS NULL THEN 0 ELSE NEW.image_bytes END
  WHERE id = NEW.organization_id;
END;

CREATE TRIGGER face_stored_delete AFTER DELETE ON face WHEN OLD.image IS NOT NULL
BEGIN
  UPDATE organization SET stored_bytes = stored_bytes - OLD.image_bytes WHERE id = OLD.organization_id;
END;
