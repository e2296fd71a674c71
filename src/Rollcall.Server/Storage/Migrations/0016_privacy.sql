-- A person who is not to be enrolled: an HMAC of the external id alone, and a sign by which the key of it is told from another.
CREATE TABLE suppression (
  collection_id TEXT   NOT NULL REFERENCES collection (id),
  mark          TEXT   NOT NULL,
  key_check     TEXT   NOT NULL,
  created_at    BIGINT NOT NULL,
  PRIMARY KEY (collection_id, mark)
);

