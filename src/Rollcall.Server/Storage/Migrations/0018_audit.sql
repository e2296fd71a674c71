-- What was done, written in the transaction of the act. number and hash come afterwards, from the sequencer of the organization's chain; the
-- rest never changes. person is the HMAC of an external id. The CHECK of the kinds is that of AuditSource.
CREATE TABLE audit_entry (
  num             $identity$,
  organization_id TEXT   NOT NULL REFERENCES organization (id),
  at              BIGINT NOT NULL,
  action          TEXT   NOT NULL,
  actor_kind      TEXT   NOT NULL CHECK (actor_kind IN ('key', 'user', 'system', 'anonymous')),
  actor_id        TEXT,
  actor_label     TEXT,
  address         TEXT,
  request_id      TEXT,
  target_kind     TEXT,
  target_id       TEXT,
  collection_id   TEXT,
  person          TEXT,
  details         TEXT,
  number          BIGINT,
  hash            TEXT,
  CHECK ((number IS NULL) = (hash IS NULL)),
  CHECK ((target_kind IS NULL) = (target_id IS NULL))
);
CREATE UNIQUE INDEX audit_entry_number ON audit_entry (organization_id, number) WHERE number IS NOT NULL;
CREATE INDEX audit_entry_open ON audit_entry (organization_id, num) WHERE number IS NULL;
CREATE INDEX audit_entry_person ON audit_entry (organization_id, person, number) WHERE person IS NOT NULL;
CREATE INDEX audit_entry_target ON audit_entry (organization_id, target_id, number) WHERE target_id IS NOT NULL;

-- The end of each chain: who holds the row numbers the next entries.
CREATE TABLE audit_head (
  organization_id TEXT   NOT NULL PRIMARY KEY REFERENCES organization (id),
  number          BIGINT NOT NULL,
  hash            TEXT   NOT NULL
);

CREATE TRIGGER audit_entry_insert BEFORE INSERT ON audit_entry WHEN NEW.number IS NOT NULL OR EXISTS (SELECT 1 FROM audit_entry WHERE num = NEW.num)
BEGIN
  SELECT RAISE(ABORT, 'The audit log is append-only: an entry gets its number from the sequencer.');
END;

CREATE TRIGGER audit_entry_content BEFORE UPDATE OF num, organization_id, at, action, actor_kind, actor_id, actor_label, address, request_id,
  target_kind, target_id, collection_id, person, details ON audit_entry
BEGIN
  SELECT RAISE(ABORT, 'The audit log is append-only: an entry is not changed.');
END;

CREATE TRIGGER audit_entry_chained BEFORE UPDATE OF number, hash ON audit_entry
WHEN OLD.number IS NOT NULL OR EXISTS (SELECT 1 FROM audit_entry WHERE organization_id = NEW.organization_id AND number = NEW.number)
BEGIN
  SELECT RAISE(ABORT, 'The audit log is append-only: an entry keeps its number.');
END;

-- Entries go with their organization alone, whose head goes first.
CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_head WHERE organization_id = OLD.organization_id)
BEGIN
  SELECT RAISE(ABORT, 'The audit log is append-only: an entry is not removed.');
END;

CREATE TRIGGER audit_head_back BEFORE UPDATE ON audit_head
WHEN NEW.organization_id <> OLD.organization_id OR NEW.number < OLD.number OR (NEW.number = OLD.number AND NEW.hash <> OLD.hash)
BEGIN
  SELECT RAISE(ABORT, 'The audit log is append-only: its end only moves on.');
END;

-- Who submitted a job, and from where, for the entries of what it enrols; null for jobs from before.
ALTER TABLE job ADD COLUMN submitted_by TEXT;
