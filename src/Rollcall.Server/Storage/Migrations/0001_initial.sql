-- Times are Unix milliseconds. $blob$ and $identity$ are named by SqlDialect.

CREATE TABLE organization (
  id          TEXT   NOT NULL PRIMARY KEY,
  name        TEXT   NOT NULL,
  created_at  BIGINT NOT NULL
);

CREATE TABLE account (
  id            TEXT   NOT NULL PRIMARY KEY,
  email         TEXT   NOT NULL,
  email_key     TEXT   NOT NULL UNIQUE,
  password_hash TEXT   NOT NULL,
  created_at    BIGINT NOT NULL
);

CREATE TABLE member (
  account_id      TEXT   NOT NULL REFERENCES account (id),
  organization_id TEXT   NOT NULL REFERENCES organization (id),
  role            TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (account_id, organization_id)
);

-- One sign-in. Its refresh tokens rotate; revoking it ends them and the access tokens that name it.
CREATE TABLE session (
  id          TEXT   NOT NULL PRIMARY KEY,
  account_id  TEXT   NOT NULL REFERENCES account (id),
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  revoked_at  BIGINT
);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE refresh_token (
  hash        TEXT   NOT NULL PRIMARY KEY,
  session_id  TEXT   NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  used_at     BIGINT
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE TABLE api_key (
  id              TEXT   NOT NULL PRIMARY KEY,
  organization_id TEXT   NOT NULL REFERENCES organization (id),
  name            TEXT   NOT NULL,
  hash            TEXT   NOT NULL UNIQUE,
  prefix          TEXT   NOT NULL,
  scopes          TEXT   NOT NULL,
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT,
  revoked_at      BIGINT
);
CREATE INDEX api_key_organization ON api_key (organization_id, id);

CREATE TABLE collection (
  id              TEXT   NOT NULL PRIMARY KEY,
  organization_id TEXT   NOT NULL REFERENCES organization (id),
  name            TEXT   NOT NULL,
  description     TEXT,
  model           TEXT   NOT NULL,
  settings        TEXT   NOT NULL,
  face_count      BIGINT NOT NULL DEFAULT 0,
  person_count    BIGINT NOT NULL DEFAULT 0,
  accept_seq      BIGINT NOT NULL DEFAULT 0,
  change_seq      BIGINT NOT NULL DEFAULT 0,
  -- The highest change number of a reference that was purged: an index that is not past it has not heard of all removals.
  purged_seq      BIGINT NOT NULL DEFAULT 0,
  created_at      BIGINT NOT NULL
);
CREATE INDEX collection_organization ON collection (organization_id, id);

-- The lock for one external id, and the number by which the index groups a person's references.
CREATE TABLE person (
  num           $identity$,
  collection_id TEXT NOT NULL REFERENCES collection (id),
  external_id   TEXT NOT NULL,
  UNIQUE (collection_id, external_id)
);

-- state 0 stands, 1 is superseded. owner_seq is the accept number of the latest job that created or confirmed the reference.
CREATE TABLE face (
  num             $identity$,
  id              TEXT   NOT NULL UNIQUE,
  organization_id TEXT   NOT NULL,
  collection_id   TEXT   NOT NULL REFERENCES collection (id),
  person_num      BIGINT NOT NULL REFERENCES person (num),
  external_id     TEXT   NOT NULL,
  metadata        TEXT,
  quality_score   DOUBLE PRECISION NOT NULL,
  box_x           DOUBLE PRECISION NOT NULL,
  box_y           DOUBLE PRECISION NOT NULL,
  box_width       DOUBLE PRECISION NOT NULL,
  box_height      DOUBLE PRECISION NOT NULL,
  image_sha256    TEXT   NOT NULL,
  model           TEXT   NOT NULL,
  vector          $blob$ NOT NULL,
  job_id          TEXT,
  item_index      INTEGER,
  source_item_id  TEXT   UNIQUE,
  owner_seq       BIGINT NOT NULL,
  state           INTEGER NOT NULL CHECK (state IN (0, 1)),
  superseded_by   TEXT,
  change_seq      BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  CHECK ((state = 1) = (superseded_by IS NOT NULL))
);
CREATE UNIQUE INDEX face_change ON face (collection_id, change_seq);
CREATE INDEX face_list ON face (collection_id, id) WHERE state = 0;
CREATE INDEX face_person ON face (person_num, state);
CREATE INDEX face_superseded ON face (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE job (
  id              TEXT    NOT NULL PRIMARY KEY,
  organization_id TEXT    NOT NULL REFERENCES organization (id),
  collection_id   TEXT    NOT NULL REFERENCES collection (id),
  accept_seq      BIGINT  NOT NULL,
  options         TEXT    NOT NULL,
  status          TEXT    NOT NULL CHECK (status IN ('queued', 'processing', 'done', 'failed')),
  total           INTEGER NOT NULL CHECK (total BETWEEN 1 AND 100),
  processed       INTEGER NOT NULL DEFAULT 0,
  succeeded       INTEGER NOT NULL DEFAULT 0,
  failed          INTEGER NOT NULL DEFAULT 0,
  error_code      TEXT,
  error_message   TEXT,
  created_at      BIGINT  NOT NULL,
  started_at      BIGINT,
  completed_at    BIGINT,
  expires_at      BIGINT,
  CHECK (processed = succeeded + failed AND processed <= total),
  CHECK ((status = 'done') = (processed = total)),
  CHECK (status <> 'failed' OR (processed = 0 AND error_code IS NOT NULL)),
  CHECK ((status IN ('done', 'failed')) = (completed_at IS NOT NULL)),
  CHECK ((completed_at IS NULL) = (expires_at IS NULL))
);
CREATE INDEX job_organization ON job (organization_id, id);
CREATE INDEX job_expiry ON job (expires_at) WHERE expires_at IS NOT NULL;

-- blob names the upload that the item owns; refusal is what intake already knew against the image.
CREATE TABLE job_item (
  id            TEXT    NOT NULL PRIMARY KEY,
  job_id        TEXT    NOT NULL REFERENCES job (id),
  item_index    INTEGER NOT NULL,
  external_id   TEXT    NOT NULL,
  metadata      TEXT,
  blob          TEXT,
  blob_bytes    BIGINT  NOT NULL,
  image_sha256  TEXT    NOT NULL,
  refusal       TEXT,
  state         INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
  outcome       TEXT,
  face_id       TEXT,
  quality_score DOUBLE PRECISION,
  existing_quality_score DOUBLE PRECISION,
  box_x         DOUBLE PRECISION,
  box_y         DOUBLE PRECISION,
  box_width     DOUBLE PRECISION,
  box_height    DOUBLE PRECISION,
  error_code    TEXT,
  error_message TEXT,
  error_details TEXT,
  UNIQUE (job_id, item_index),
  CHECK ((state = 0) = (outcome IS NULL)),
  CHECK ((state = 2) = (error_code IS NOT NULL)),
  CHECK (state <> 1 OR face_id IS NOT NULL)
);

-- The hot, narrow queue: one row for each unfinished item. state 0 waits, 1 is leased. decode: the picture has to be looked at.
CREATE TABLE work (
  item_id         TEXT    NOT NULL PRIMARY KEY,
  job_id          TEXT    NOT NULL,
  organization_id TEXT    NOT NULL,
  tag             BIGINT  NOT NULL,
  state           INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)),
  suspect         INTEGER NOT NULL DEFAULT 0 CHECK (suspect IN (0, 1)),
  begun           INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1)),
  fence           BIGINT  NOT NULL DEFAULT 0,
  decode          INTEGER NOT NULL DEFAULT 0 CHECK (decode IN (0, 1)),
  crashes         INTEGER NOT NULL DEFAULT 0,
  ready_at        BIGINT  NOT NULL DEFAULT 0,
  worker_id       TEXT,
  lease_until     BIGINT,
  deadline_at     BIGINT,
  CHECK ((state = 1) = (lease_until IS NOT NULL))
);
CREATE INDEX work_claim ON work (state, suspect, tag, item_id);
CREATE INDEX work_lease ON work (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX work_job ON work (job_id);
CREATE INDEX work_tenant ON work (organization_id, tag);

-- The largest tag claimed so far: where a tenant that comes late begins to count.
CREATE TABLE queue_clock (
  id           INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  virtual_time BIGINT  NOT NULL
);
INSERT INTO queue_clock (id, virtual_time) VALUES (1, 0);
