-- Acts lie in the order they were recorded in: a batch of them is written at one place. The index ends in the position.
CREATE TABLE act_in_order (
    position      INTEGER PRIMARY KEY,
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
    settled_entry INTEGER
) STRICT;
INSERT INTO act_in_order
    SELECT position, id, seq, session, app, permission, form, at, ended_at, outcome, status, ended_entry, settled, settled_at, settled_entry
    FROM act ORDER BY position;
DROP TABLE act;
ALTER TABLE act_in_order RENAME TO act;
CREATE INDEX act_by_app ON act (app);
