-- The first layout. Names follow the specification; see docs/storage.md.
--
-- Instants are milliseconds since 1970 in UTC. Ids are TEXT, because people paste them into the
-- sqlite3 shell; hashes are BLOB, because nobody reads them and they are most of a row.
-- `seal` is a checksum over the row's other columns, written with them: a byte that changes by
-- itself, or by hand, is found by `decorum audit verify`. Events need none; they are chained.

CREATE TABLE accounts (
    platform      TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    breaker       TEXT NOT NULL,    -- JSON: state, and what belongs to it
    usage         TEXT NOT NULL,    -- JSON: acts per action and five minutes
    last_act      INTEGER,
    newest_event  INTEGER,
    head_seq      INTEGER NOT NULL,
    head_hash     BLOB NOT NULL CHECK (length(head_hash) = 32),
    seal          INTEGER NOT NULL,
    PRIMARY KEY (platform, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE interactions_events (
    row              INTEGER PRIMARY KEY,    -- order of arrival
    id               TEXT NOT NULL UNIQUE,
    seq              INTEGER NOT NULL,
    platform         TEXT NOT NULL,
    account_id       TEXT NOT NULL,
    target_username  TEXT,                   -- NULL once the person was erased
    target_ref       BLOB NOT NULL CHECK (length(target_ref) = 32),
    target_salt      BLOB CHECK (length(target_salt) = 16),
    action           TEXT NOT NULL,
    status           TEXT NOT NULL,
    reason           TEXT,
    error_class      TEXT,
    task_id          TEXT,
    device_id        TEXT,
    session_id       TEXT,
    claim_id         TEXT,
    latency_ms       INTEGER,
    ts               INTEGER NOT NULL,
    metadata         TEXT NOT NULL,
    prev_hash        BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash             BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (platform, account_id, seq),
    FOREIGN KEY (platform, account_id) REFERENCES accounts
) STRICT;

CREATE INDEX events_ts ON interactions_events (ts);
CREATE INDEX events_status ON interactions_events (status, ts);
CREATE INDEX events_key ON interactions_events (account_id, target_username, action, ts);
CREATE INDEX events_account ON interactions_events (account_id, ts);
CREATE INDEX events_target ON interactions_events (target_username, ts)
    WHERE target_username IS NOT NULL;
CREATE INDEX events_task ON interactions_events (task_id, ts) WHERE task_id IS NOT NULL;
CREATE INDEX events_class ON interactions_events (error_class, ts) WHERE error_class IS NOT NULL;
CREATE INDEX events_claim ON interactions_events (claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE interactions_latest (
    platform          TEXT NOT NULL,
    account_id        TEXT NOT NULL,
    target_username   TEXT NOT NULL,
    action            TEXT NOT NULL,
    -- what came of it last
    last_status       TEXT,
    last_reason       TEXT,
    last_error_class  TEXT,
    last_ts           INTEGER,
    expires_at        INTEGER,               -- until then the person is not engaged again
    last_claim_id     TEXT,
    last_event_id     TEXT,
    -- who holds it
    state             TEXT NOT NULL CHECK (state IN ('free', 'claimed', 'in_doubt')),
    fence             INTEGER NOT NULL,
    claim_id          TEXT,
    holder            TEXT,
    claimed_at        INTEGER,
    lease_until       INTEGER,
    task_id           TEXT,
    device_id         TEXT,
    metadata          TEXT,
    seal              INTEGER NOT NULL,
    PRIMARY KEY (platform, account_id, target_username, action),
    FOREIGN KEY (platform, account_id) REFERENCES accounts,
    CHECK ((last_status IS NULL) = (last_ts IS NULL)),
    CHECK ((last_status IS NULL) = (last_event_id IS NULL)),
    CHECK ((state = 'free') = (claim_id IS NULL)),
    CHECK ((state = 'free') = (holder IS NULL)),
    CHECK ((state = 'free') = (claimed_at IS NULL)),
    CHECK ((state = 'free') = (lease_until IS NULL)),
    CHECK ((state = 'free') = (metadata IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX latest_person ON interactions_latest (platform, target_username, action);
CREATE UNIQUE INDEX latest_claim ON interactions_latest (claim_id) WHERE claim_id IS NOT NULL;
CREATE INDEX latest_claimed ON interactions_latest (account_id) WHERE state = 'claimed';
CREATE INDEX latest_in_doubt ON interactions_latest (claimed_at) WHERE state = 'in_doubt';

CREATE TABLE account_errors (
    platform     TEXT NOT NULL,
    account_id   TEXT NOT NULL,
    n            INTEGER NOT NULL,           -- counts up; the newest hundred are kept
    ts           INTEGER NOT NULL,
    error_class  TEXT NOT NULL,
    detail       TEXT NOT NULL,
    event_id     TEXT,
    seal         INTEGER NOT NULL,
    PRIMARY KEY (platform, account_id, n),
    FOREIGN KEY (platform, account_id) REFERENCES accounts
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version   INTEGER NOT NULL,
    document  TEXT NOT NULL,                 -- JSON
    seal      INTEGER NOT NULL
) STRICT;

CREATE TABLE leases (
    name    TEXT NOT NULL PRIMARY KEY,       -- account:NAME or device:NAME
    holder  TEXT NOT NULL,
    fence   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    seal    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressions (
    platform         TEXT NOT NULL,
    target_username  TEXT NOT NULL,
    note             TEXT,
    added_by         TEXT NOT NULL,
    added_at         INTEGER NOT NULL,
    seal             INTEGER NOT NULL,
    PRIMARY KEY (platform, target_username)
) STRICT, WITHOUT ROWID;

CREATE TABLE admin_log (
    n        INTEGER NOT NULL PRIMARY KEY,   -- order of arrival
    ts       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    what     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    note     TEXT,
    before   TEXT NOT NULL,                  -- JSON
    after    TEXT NOT NULL,                  -- JSON
    seal     INTEGER NOT NULL
) STRICT;
