-- sources is what the lists and archives looked like when they were read.
CREATE TABLE run (id TEXT NOT NULL, fingerprint TEXT NOT NULL, sources TEXT NOT NULL DEFAULT '', planned INTEGER NOT NULL DEFAULT 0);

-- What is known of every photograph. outcome is null until it is final. seen is what its file looked like when it was first sent.
CREATE TABLE photograph (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL,
  location TEXT NOT NULL,
  external_id TEXT NOT NULL,
  metadata TEXT,
  seen TEXT,
  outcome TEXT,
  code TEXT,
  message TEXT,
  face_id TEXT,
  quality REAL,
  job_id TEXT);

-- state: 0 not accepted yet, 1 accepted, 2 final. A job waits for the one that it comes after.
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  comes_after INTEGER REFERENCES job (id),
  on_duplicate TEXT,
  attempt INTEGER NOT NULL DEFAULT 0,
  job_id TEXT,
  state INTEGER NOT NULL DEFAULT 0);
CREATE INDEX job_open ON job (state, id);
CREATE INDEX photograph_location ON photograph (source, location);

CREATE TABLE item (
  job INTEGER NOT NULL REFERENCES job (id),
  place INTEGER NOT NULL,
  photograph INTEGER NOT NULL REFERENCES photograph (id),
  PRIMARY KEY (job, place)) WITHOUT ROWID;
