CREATE TABLE IF NOT EXISTS hash (path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, changed INTEGER NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID;

-- What the server refused for what it shows: the same bytes are not sent again every night.
CREATE TABLE IF NOT EXISTS refused (external_id TEXT NOT NULL, sha256 TEXT NOT NULL, gates TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (external_id, sha256, gates)) WITHOUT ROWID;
