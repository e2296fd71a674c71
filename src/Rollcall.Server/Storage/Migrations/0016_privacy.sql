-- A person who is not to be enrolled: an HMAC of the external id alone, and a sign by which the key of it is told from another.
CREATE TABLE suppression (
  collection_id TEXT   NOT NULL REFERENCES collection (id),
  mark          TEXT   NOT NULL,
  key_check     TEXT   NOT NULL,
  created_at    BIGINT NOT NULL,
  PRIMARY KEY (collection_id, mark)
);

-- An organization that is being deleted: no credential opens it any more, and what is left of it goes piece by piece.
ALTER TABLE organization ADD COLUMN deleted_at BIGINT;
CREATE INDEX organization_deleted ON organization (deleted_at) WHERE deleted_at IS NOT NULL;

-- What points to an account is looked for when one goes.
CREATE INDEX session_account ON session (account_id);
CREATE INDEX invitation_inviter ON invitation (invited_by);
