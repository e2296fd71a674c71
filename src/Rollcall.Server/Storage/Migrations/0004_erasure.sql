-- A face that was deleted, for indexes that know it: it tells its number in the collection's feed and nothing of the person.
CREATE TABLE face_tombstone (
  collection_id TEXT   NOT NULL REFERENCES collection (id),
  change_seq    BIGINT NOT NULL,
  face_num      BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  PRIMARY KEY (collection_id, change_seq)
);
CREATE INDEX face_tombstone_age ON face_tombstone (created_at);

-- An erased item remembers nobody: its external id is empty.
CREATE INDEX job_item_person ON job_item (external_id, job_id);
