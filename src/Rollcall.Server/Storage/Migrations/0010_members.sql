-- A place in an organization for whoever brings the token, of which the SHA-256 is kept. One for an address: a new one takes the old one's place.
CREATE TABLE invitation (
  id              TEXT   NOT NULL PRIMARY KEY,
  organization_id TEXT   NOT NULL REFERENCES organization (id),
  email           TEXT   NOT NULL,
  email_key       TEXT   NOT NULL,
  role            TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  hash            TEXT   NOT NULL UNIQUE,
  invited_by      TEXT   NOT NULL REFERENCES account (id),
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  UNIQUE (organization_id, email_key)
);
CREATE INDEX invitation_expiry ON invitation (expires_at);

CREATE INDEX member_organization ON member (organization_id, created_at, account_id);
