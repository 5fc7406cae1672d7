-- The second layout: what cleanup, forgetting and metrics need.
--
-- The columns added here are NULL in rows written before, whose seals must still fit: a NULL in
-- one of them is not part of the seal.

-- what takes the place of the oldest events, once they were cleaned up
ALTER TABLE accounts ADD COLUMN checkpoint_seq INTEGER;
ALTER TABLE accounts ADD COLUMN checkpoint_hash BLOB CHECK (length(checkpoint_hash) = 32);
ALTER TABLE accounts ADD COLUMN checkpoint_ts INTEGER;
-- what is remembered of dedup rows that were cleaned up
ALTER TABLE accounts ADD COLUMN swept_success INTEGER;
ALTER TABLE accounts ADD COLUMN swept_fence INTEGER;

CREATE INDEX events_device ON interactions_events (device_id, ts) WHERE device_id IS NOT NULL;
CREATE INDEX events_action ON interactions_events (action, ts);

-- people never to be contacted whose name must not be kept: a keyed hash of it
CREATE TABLE suppressions_hashed (
    platform     TEXT NOT NULL,
    target_hash  BLOB NOT NULL CHECK (length(target_hash) = 32),
    added_by     TEXT NOT NULL,
    added_at     INTEGER NOT NULL,
    seal         INTEGER NOT NULL,
    PRIMARY KEY (platform, target_hash)
) STRICT, WITHOUT ROWID;

-- what the keeper has to remember for itself: suppression_key, overwrite_due
CREATE TABLE keeper (
    name   TEXT NOT NULL PRIMARY KEY,
    value  BLOB NOT NULL,
    seal   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- counts by account, hour and day; see crates/decorum-store/src/metrics
CREATE TABLE metrics_cells (
    platform     TEXT NOT NULL,
    account_id   TEXT NOT NULL,
    level        TEXT NOT NULL CHECK (level IN ('hour', 'day')),
    start        INTEGER NOT NULL,
    action       TEXT NOT NULL,
    status       TEXT NOT NULL,
    error_class  TEXT NOT NULL,              -- '' if there was no trouble
    count        INTEGER NOT NULL,
    latency      TEXT NOT NULL,              -- JSON: largest, and how many in which bucket
    through      INTEGER NOT NULL,           -- counted up to this event of the account
    seal         INTEGER NOT NULL,
    PRIMARY KEY (platform, account_id, level, start, action, status, error_class),
    FOREIGN KEY (platform, account_id) REFERENCES accounts
) STRICT, WITHOUT ROWID;

-- up to which event an account's log is counted
CREATE TABLE metrics_marks (
    platform    TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    seal        INTEGER NOT NULL,
    PRIMARY KEY (platform, account_id),
    FOREIGN KEY (platform, account_id) REFERENCES accounts
) STRICT, WITHOUT ROWID;
