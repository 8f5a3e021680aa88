-- A read table, made from entries alone: which files were sent, and where their entries are.
CREATE TABLE attachment (
    position     INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    account      TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    conversation TEXT    NOT NULL,
    name_content TEXT    NOT NULL
) STRICT;

-- Ordinary tables: what entries commit to, from the upload on. Erasing a file deletes both its rows.
CREATE TABLE attachment_file (
    id           TEXT    NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    uploader     TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    removed      TEXT    NOT NULL, -- JSON: what was taken out
    commitment   BLOB    NOT NULL,
    uploaded_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_file_by_account ON attachment_file (account, size);
CREATE INDEX attachment_file_by_uploader ON attachment_file (conversation, uploader);
CREATE INDEX attachment_file_by_time ON attachment_file (uploaded_at);

CREATE TABLE attachment_bytes (
    number INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,
    salt   BLOB NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;
