-- Grants to all apps of an account have no app; those that answer a request name it.
CREATE TABLE grant_new (
    position    INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    account     TEXT    NOT NULL,
    app         TEXT,
    request     TEXT,
    role        TEXT    NOT NULL,
    also        TEXT    NOT NULL, -- JSON: permissions by name
    may_end     TEXT    NOT NULL, -- JSON: people by id
    starts      INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    lent_by     TEXT    NOT NULL,
    lent_entry  INTEGER NOT NULL, -- the start, or the newest change
    ended_at    INTEGER,
    cause       TEXT,
    ended_entry INTEGER,
    sessions    INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO grant_new (position, id, account, app, role, also, may_end, starts, until, lent_by, lent_entry, ended_at, cause, ended_entry, sessions)
SELECT position, id, account, app, role, also, may_end, starts, until, lent_by, lent_entry, ended_at, cause, ended_entry, sessions FROM grant_;
DROP TABLE grant_;
ALTER TABLE grant_new RENAME TO grant_;
CREATE INDEX grant_by_app ON grant_ (app, position);
CREATE INDEX grant_by_account ON grant_ (account, position);
CREATE INDEX grant_live ON grant_ (position) WHERE ended_at IS NULL;

-- The apps that a grant of a whole account opened, and whether one was taken out of it.
CREATE TABLE grant_cover (
    grant_id  TEXT    NOT NULL,
    app       TEXT    NOT NULL,
    taken_out INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (grant_id, app)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_cover_by_app ON grant_cover (app);

CREATE TABLE request (
    position      INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    account       TEXT    NOT NULL,
    app           TEXT,
    agent         TEXT    NOT NULL,
    conversation  TEXT,
    at            INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    because       TEXT,
    decided_at    INTEGER,
    decided_entry INTEGER,
    grant_id      TEXT
) STRICT;
CREATE INDEX request_by_account ON request (account, position);
CREATE INDEX request_by_app ON request (app, position);
CREATE INDEX request_pending ON request (position) WHERE state = 'Pending';
CREATE INDEX request_decided ON request (decided_at) WHERE decided_at IS NOT NULL;

-- Each approver's word: the position of its entry.
CREATE TABLE request_approval (
    request_id TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (request_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_policy (
    account   TEXT    PRIMARY KEY,
    refuses   INTEGER NOT NULL,
    approvers INTEGER NOT NULL,
    named     TEXT    NOT NULL, -- JSON: people by id
    entry     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
