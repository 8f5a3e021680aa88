-- Telling people. Ordinary tables: no entry stands behind these, and a rebuild leaves them alone. No text of a person is in them;
-- notice.entry holds the position of the entry whose contents tell.

-- Up to which position entries were turned into notices. What happened before this table was made is nobody's news.
CREATE TABLE notice_cursor (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO notice_cursor SELECT 1, coalesce(max(position), -1) FROM entry;

CREATE TABLE notice (
    number  INTEGER PRIMARY KEY,
    key     TEXT    NOT NULL UNIQUE,
    kind    TEXT    NOT NULL,
    account TEXT    NOT NULL,
    app     TEXT,
    subject TEXT    NOT NULL,
    entry   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    due     INTEGER NOT NULL,
    spread  INTEGER
) STRICT;
CREATE INDEX notice_due ON notice (due, number) WHERE spread IS NULL;

CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: a page's cursor and "seen up to" rest on it
    reader TEXT    NOT NULL,
    notice INTEGER NOT NULL REFERENCES notice (number),
    seen   INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1)),
    UNIQUE (reader, notice)
) STRICT;
CREATE INDEX inbox_by_reader ON inbox (reader, number);
CREATE INDEX inbox_unseen ON inbox (reader, number) WHERE seen = 0;

CREATE TABLE notice_delivery (
    number   INTEGER PRIMARY KEY AUTOINCREMENT, -- named to the outside, so never used again
    notice   INTEGER NOT NULL REFERENCES notice (number),
    reader   TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    state    TEXT    NOT NULL DEFAULT 'Waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    created  INTEGER NOT NULL,
    next     INTEGER NOT NULL,
    tried    INTEGER,
    sent_as  INTEGER, -- the first delivery of the same mail
    problem  TEXT,
    UNIQUE (notice, reader, channel)
) STRICT;
CREATE INDEX notice_delivery_waiting ON notice_delivery (channel, next, number) WHERE state = 'Waiting';
CREATE INDEX notice_delivery_sent ON notice_delivery (reader, channel, tried) WHERE state = 'Sent';
CREATE INDEX notice_delivery_lost ON notice_delivery (number) WHERE state = 'GivenUp';

CREATE TABLE notice_choice (
    account        TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    administrators INTEGER NOT NULL,
    owners         INTEGER NOT NULL,
    people         TEXT    NOT NULL, -- JSON: people by id
    in_app         INTEGER NOT NULL,
    email          INTEGER NOT NULL,
    webhook        INTEGER NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice_hook (
    account TEXT PRIMARY KEY,
    url     TEXT NOT NULL,
    secret  BLOB NOT NULL -- protected by the host
) STRICT, WITHOUT ROWID;
