-- Tokens for the HTTP API: who may ask over the network.

-- only the SHA-256 of a token's secret is kept
CREATE TABLE tokens (
    name          TEXT NOT NULL PRIMARY KEY,
    role          TEXT NOT NULL,
    hash          BLOB NOT NULL CHECK (length(hash) = 32),
    created_at    INTEGER NOT NULL,
    created_by    TEXT NOT NULL,
    last_used_at  INTEGER,
    revoked_at    INTEGER,
    seal          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
