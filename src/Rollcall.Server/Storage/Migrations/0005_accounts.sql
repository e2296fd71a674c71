-- A person as an external issuer names them. The account has no password and no address to log in with: its password_hash is empty and its
-- email_key is its own id, which is no address.
CREATE TABLE external_identity (
  issuer     TEXT   NOT NULL,
  subject    TEXT   NOT NULL,
  account_id TEXT   NOT NULL REFERENCES account (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX external_identity_account ON external_identity (account_id);

-- Tokens of an external issuer that were logged out: the SHA-256 of what is signed in them, until they expire.
CREATE TABLE refused_token (
  hash       TEXT   NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX refused_token_expiry ON refused_token (expires_at);
