-- A key is reserved before a body is read (token, lease_until) and belongs to a job once that is committed (job_id, fingerprint).
CREATE TABLE idempotency (
  organization_id TEXT    NOT NULL REFERENCES organization (id),
  route           TEXT    NOT NULL,
  collection_id   TEXT    NOT NULL,
  key             TEXT    NOT NULL,
  token           TEXT    NOT NULL,
  lease_until     BIGINT  NOT NULL,
  expires_at      BIGINT  NOT NULL,
  fingerprint     TEXT,
  job_id          TEXT,
  total           INTEGER,
  PRIMARY KEY (organization_id, route, collection_id, key),
  CHECK ((job_id IS NULL) = (fingerprint IS NULL) AND (job_id IS NULL) = (total IS NULL))
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
