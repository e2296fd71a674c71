-- Keys that images were encrypted with: the id, and a sign by which a key is told from another. The keys themselves are the operator's.
CREATE TABLE blob_key (
  id         TEXT   NOT NULL PRIMARY KEY,
  key_check  TEXT   NOT NULL,
  created_at BIGINT NOT NULL
);
