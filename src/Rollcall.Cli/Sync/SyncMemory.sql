-- Hashes of files by size and time; before is what the file was until it changed.
CREATE TABLE IF NOT EXISTS file (path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, changed INTEGER NOT NULL, sha256 TEXT NOT NULL, before TEXT) WITHOUT ROWID;

-- What the server refused for what it shows: the same bytes are not sent again every night.
CREATE TABLE IF NOT EXISTS refusal (external_id TEXT NOT NULL, sha256 TEXT NOT NULL, gates TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (external_id, sha256, gates)) WITHOUT ROWID;

-- What was told already as not enrolled.
CREATE TABLE IF NOT EXISTS told (path TEXT NOT NULL, code TEXT NOT NULL, sha256 TEXT, PRIMARY KEY (path, code)) WITHOUT ROWID;

-- References of an interrupted sync that go as soon as the photographs with these hashes stand.
CREATE TABLE IF NOT EXISTS due (face_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;

-- The two sides and what differs, for this run alone. On disk as well: neither has to fit into memory.
CREATE TEMP TABLE local (path TEXT PRIMARY KEY, external_id TEXT NOT NULL, sha256 TEXT, before TEXT, code TEXT, message TEXT) WITHOUT ROWID;
CREATE INDEX temp.local_person ON local (external_id, path);

CREATE TEMP TABLE standing (face_id TEXT PRIMARY KEY, external_id TEXT NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX temp.standing_person ON standing (external_id, sha256);

-- kind: a ChangeKind. makes_room: the reference goes first. is_done: a reference has gone.
CREATE TEMP TABLE change (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, external_id TEXT NOT NULL, path TEXT, sha256 TEXT, face_id TEXT, code TEXT, message TEXT,
  makes_room INTEGER NOT NULL DEFAULT 0, is_known INTEGER NOT NULL DEFAULT 0, is_done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX temp.change_person ON change (external_id, kind);
CREATE INDEX temp.change_path ON change (path);
