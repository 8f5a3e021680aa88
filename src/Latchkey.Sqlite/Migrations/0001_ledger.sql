-- "LkSq": tells a database of ours from any other file that SQLite can open.
PRAGMA application_id = 0x4C6B5371;

-- The ledger. Times are milliseconds since 1970-01-01T00:00:00Z, here and below.
CREATE TABLE entry (
    position INTEGER PRIMARY KEY,
    account  TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    bytes    BLOB    NOT NULL,
    leaf     BLOB    NOT NULL CHECK (length(leaf) = 32),
    UNIQUE (account, seq)
) STRICT;

-- The right edge of each account's tree.
CREATE TABLE tree (
    account TEXT PRIMARY KEY,
    edge    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What entries commit to. A text is kept as its UTF-8 bytes: exactly what was hashed, U+0000 included.
CREATE TABLE content (
    id      TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    salt    BLOB NOT NULL CHECK (length(salt) = 32),
    text    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Read tables: made from entries alone, and made again by a rebuild. Columns whose names end in _content hold ids of contents,
-- so that what is erased there is gone from here too.
CREATE TABLE grant_ (
    position              INTEGER PRIMARY KEY,
    id                    TEXT    NOT NULL UNIQUE,
    account               TEXT    NOT NULL,
    app                   TEXT    NOT NULL,
    role                  TEXT    NOT NULL,
    also                  TEXT    NOT NULL, -- JSON: permissions by name
    may_end               TEXT    NOT NULL, -- JSON: people by id
    starts                INTEGER NOT NULL,
    until                 INTEGER NOT NULL,
    lent_by               TEXT    NOT NULL,
    lent_by_name_content  TEXT    NOT NULL,
    note_content          TEXT,
    ended_at              INTEGER,
    cause                 TEXT,
    ended_by_name_content TEXT,
    sessions              INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX grant_by_app ON grant_ (app, position);
CREATE INDEX grant_live ON grant_ (position) WHERE ended_at IS NULL;

CREATE TABLE session (
    position           INTEGER PRIMARY KEY,
    id                 TEXT    NOT NULL UNIQUE,
    account            TEXT    NOT NULL,
    app                TEXT    NOT NULL,
    agent              TEXT    NOT NULL,
    agent_name_content TEXT    NOT NULL,
    reason_content     TEXT    NOT NULL,
    ticket_content     TEXT,
    opened_at          INTEGER NOT NULL,
    closed_at          INTEGER,
    cause              TEXT,
    acts               INTEGER NOT NULL DEFAULT 0,
    changes            INTEGER NOT NULL DEFAULT 0,
    last_act_at        INTEGER,
    last_act           INTEGER -- its position: all acts of the session lie between the two
) STRICT;
CREATE INDEX session_by_app ON session (app, position);
CREATE INDEX session_by_agent ON session (agent, position);
CREATE INDEX session_open ON session (position) WHERE closed_at IS NULL;
CREATE INDEX session_closed ON session (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE act (
    position       INTEGER NOT NULL,
    id             TEXT    NOT NULL UNIQUE,
    seq            INTEGER NOT NULL,
    session        TEXT    NOT NULL,
    app            TEXT    NOT NULL,
    permission     TEXT    NOT NULL,
    form           TEXT    NOT NULL CHECK (form IN ('read', 'change', 'stream')),
    at             INTEGER NOT NULL,
    target_content TEXT,
    ended_at       INTEGER,
    outcome        TEXT,
    status         INTEGER,
    changes        TEXT, -- JSON: [[what, before, after, secret], …], the first three as ids of contents or null
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
