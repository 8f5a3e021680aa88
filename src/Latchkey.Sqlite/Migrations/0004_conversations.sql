-- Read tables, made from entries alone as those of 0002 are: texts stay with their entries.
CREATE TABLE conversation (
    position       INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    account        TEXT    NOT NULL,
    app            TEXT,
    opened_by      TEXT    NOT NULL,
    opened_at      INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    state_since    INTEGER NOT NULL,
    assigned       TEXT,
    assigned_entry INTEGER,
    newest         INTEGER NOT NULL, -- position of the newest item: what lists are sorted by
    newest_at      INTEGER NOT NULL,
    words_entry    INTEGER NOT NULL  -- the newest message or share
) STRICT;
CREATE INDEX conversation_newest ON conversation (newest);
CREATE INDEX conversation_open ON conversation (newest) WHERE state <> 'Solved';
CREATE INDEX conversation_by_state ON conversation (state, newest);
CREATE INDEX conversation_assigned ON conversation (assigned, newest) WHERE assigned IS NOT NULL;
CREATE INDEX conversation_by_account ON conversation (account, newest);
CREATE INDEX conversation_by_app ON conversation (app, newest) WHERE app IS NOT NULL;

CREATE TABLE conversation_item (
    position     INTEGER PRIMARY KEY,
    conversation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    author       TEXT    NOT NULL,
    speaks       INTEGER NOT NULL -- 1: what others have to read
) STRICT;
CREATE INDEX conversation_item_by_conversation ON conversation_item (conversation, position);

-- Ordinary tables. What somebody has seen:
CREATE TABLE conversation_seen (
    conversation TEXT    NOT NULL,
    reader       TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    PRIMARY KEY (conversation, reader)
) STRICT, WITHOUT ROWID;

-- The words of what was not erased, by the position of its item, each beside its account as one word of hexadecimal digits. The
-- index holds no text, and what is taken out of it is overwritten at once.
CREATE VIRTUAL TABLE conversation_words USING fts5 (account, words, content = '', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO conversation_words (conversation_words, rank) VALUES ('secure-delete', 1);
