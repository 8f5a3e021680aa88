-- "LkSq": tells a database of ours from any other file that SQLite can open.
PRAGMA application_id = 0x4C6B5371;

-- The ledger. Times are milliseconds since 1970-01-01T00:00:00Z, here and below. Contents are what the entry commits to, as
-- far as it was not erased: PackedContents says how. They lie with their entry, and last, so that a commit
-- touches few pages and a reader of hashes none of theirs.
CREATE TABLE entry (
    position INTEGER PRIMARY KEY,
    account  TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    bytes    BLOB    NOT NULL,
    leaf     BLOB    NOT NULL CHECK (length(leaf) = 32),
    contents BLOB,
    UNIQUE (account, seq)
) STRICT;

-- The right edge of each account's tree.
CREATE TABLE tree (
    account TEXT PRIMARY KEY,
    edge    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Read tables: made from entries alone, and made again by a rebuild. No text of a person is in them: columns whose names end in
-- _entry hold the position of the entry whose contents tell.
CREATE TABLE grant_ (
    position    INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    account     TEXT    NOT NULL,
    app         TEXT    NOT NULL,
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
CREATE INDEX grant_by_app ON grant_ (app, position);
CREATE INDEX grant_live ON grant_ (position) WHERE ended_at IS NULL;

CREATE TABLE session (
    position    INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    account     TEXT    NOT NULL,
    app         TEXT    NOT NULL,
    agent       TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER,
    cause       TEXT,
    acts        INTEGER NOT NULL DEFAULT 0,
    changes     INTEGER NOT NULL DEFAULT 0,
    last_act_at INTEGER,
    last_act    INTEGER -- its position: all acts of the session lie between the two
) STRICT;
CREATE INDEX session_by_app ON session (app, position);
CREATE INDEX session_by_agent ON session (agent, position);
CREATE INDEX session_open ON session (position) WHERE closed_at IS NULL;
CREATE INDEX session_closed ON session (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE act (
    position      INTEGER NOT NULL,
    id            TEXT    NOT NULL UNIQUE,
    seq           INTEGER NOT NULL,
    session       TEXT    NOT NULL,
    app           TEXT    NOT NULL,
    permission    TEXT    NOT NULL,
    form          TEXT    NOT NULL CHECK (form IN ('read', 'change', 'stream')),
    at            INTEGER NOT NULL,
    ended_at      INTEGER,
    outcome       TEXT,
    status        INTEGER,
    ended_entry   INTEGER,
    settled       TEXT,
    settled_at    INTEGER,
    settled_entry INTEGER,
    PRIMARY KEY (app, position)
) STRICT, WITHOUT ROWID;

-- Ordinary tables: no entry stands behind these.
CREATE TABLE credential (
    key     BLOB    PRIMARY KEY CHECK (length(key) = 32),
    kind    TEXT    NOT NULL,
    session TEXT    NOT NULL,
    app     TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    sign_in TEXT    NOT NULL,
    expires INTEGER NOT NULL -- ticks of 100 ns since 0001-01-01T00:00:00Z: no entry rounds it
) STRICT, WITHOUT ROWID;

CREATE TABLE app_name (
    app           TEXT PRIMARY KEY,
    account       TEXT NOT NULL,
    slug          TEXT NOT NULL,
    title         TEXT NOT NULL,
    account_title TEXT NOT NULL
) STRICT, WITHOUT ROWID;
