-- Whether a job only tells what would happen. A final item of such a job owns no upload, and its face_id is empty where nothing stands.
ALTER TABLE job ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0 CHECK (dry_run IN (0, 1));
