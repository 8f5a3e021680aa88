-- A request that was asked by name is on the vendor's ledger, and where it was delivered under the same id on the customer's too: one id, two
-- accounts. Support is told of the first alone.
CREATE TABLE request_new (
    position      INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    app           TEXT,
    agent         TEXT    NOT NULL,
    conversation  TEXT,
    delivered     INTEGER NOT NULL, -- 1: what a customer got of one that was asked by name
    at            INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    because       TEXT,
    decided_at    INTEGER,
    decided_entry INTEGER,
    grant_id      TEXT,
    UNIQUE (id, account)
) STRICT;
INSERT INTO request_new (position, id, account, app, agent, conversation, delivered, at, expires, state, because, decided_at, decided_entry, grant_id)
SELECT position, id, account, app, agent, conversation, 0, at, expires, state, because, decided_at, decided_entry, grant_id FROM request;

CREATE TABLE request_approval_new (
    request_id TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (request_id, account, position)
) STRICT, WITHOUT ROWID;
INSERT INTO request_approval_new (request_id, account, position)
SELECT a.request_id, r.account, a.position FROM request_approval a JOIN request r ON r.id = a.request_id;

DROP TABLE request_approval;
ALTER TABLE request_approval_new RENAME TO request_approval;
DROP TABLE request;
ALTER TABLE request_new RENAME TO request;
CREATE INDEX request_by_account ON request (account, position);
CREATE INDEX request_by_app ON request (app, position);
CREATE INDEX request_pending ON request (position) WHERE state = 'Pending';
CREATE INDEX request_decided ON request (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX request_by_time ON request (at);
