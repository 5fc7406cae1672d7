-- The third layout: tasks, the people of each, phones, and what a person has to know.
--
-- `document` is the JSON form of the whole; the columns beside it are what it is found by.

CREATE TABLE tasks (
    id          TEXT NOT NULL PRIMARY KEY,
    account_id  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    ord         INTEGER NOT NULL,      -- its place in the queue of its account
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER,               -- NULL: something may still happen to it
    rev         INTEGER NOT NULL,
    document    TEXT NOT NULL,
    seal        INTEGER NOT NULL
) STRICT;

CREATE INDEX tasks_newest ON tasks (created_at, id);
CREATE INDEX tasks_account ON tasks (account_id, created_at, id);
CREATE INDEX tasks_open ON tasks (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX tasks_queue ON tasks (account_id, ord) WHERE ended_at IS NULL;
CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL;
-- one running task an account, whoever asks
CREATE UNIQUE INDEX tasks_running ON tasks (account_id) WHERE state = 'running';

CREATE TABLE task_candidates (
    task_id   TEXT NOT NULL REFERENCES tasks (id),
    ord       INTEGER NOT NULL,        -- from 1, in the order in which they were given or seen
    username  TEXT,                    -- NULL once the person was erased
    seen_at   INTEGER NOT NULL,
    source    TEXT,
    state     TEXT NOT NULL,           -- open, done, refused, passed_over
    status    TEXT,                    -- of those who are done
    reason    TEXT,
    note      TEXT,
    seal      INTEGER NOT NULL,
    PRIMARY KEY (task_id, ord)
) STRICT, WITHOUT ROWID;

CREATE INDEX candidates_open ON task_candidates (task_id, ord) WHERE state = 'open';
-- each person once; also how a person is found who wants to be forgotten
CREATE UNIQUE INDEX candidates_person ON task_candidates (username, task_id)
    WHERE username IS NOT NULL;

CREATE TABLE devices (
    device_id  TEXT NOT NULL PRIMARY KEY,
    rev        INTEGER NOT NULL,
    document   TEXT NOT NULL,
    seal       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    id         TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    message    TEXT NOT NULL,
    raised_at  INTEGER NOT NULL,
    closed_at  INTEGER,                -- NULL: still to be seen to
    closed_by  TEXT,
    evidence   TEXT,
    seal       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_newest ON alerts (raised_at, id);
CREATE INDEX alerts_open_newest ON alerts (raised_at, id) WHERE closed_at IS NULL;
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;
-- one open alert for each kind of trouble and what it is about
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE closed_at IS NULL;
