CREATE TABLE support_changes (
    act TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    touches TEXT NOT NULL,
    rows BLOB NOT NULL,
    state TEXT NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE INDEX ix_support_changes_app_id_state ON support_changes (app_id, state);
