-- Read tables, made from entries alone as those of 0002 are: texts stay with their entries.
CREATE TABLE proposal (
    position     INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    account      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    ended_at     INTEGER,
    ended_entry  INTEGER
) STRICT;
CREATE INDEX proposal_by_conversation ON proposal (conversation, position);

CREATE TABLE screenshots (
    position     INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    account      TEXT    NOT NULL,
    conversation TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    ended_at     INTEGER,
    ended_entry  INTEGER
) STRICT;
CREATE INDEX screenshots_by_conversation ON screenshots (conversation, position);

-- What an upload answers: one that asks for screenshots; null for a message.
ALTER TABLE attachment_file ADD COLUMN answers TEXT;
