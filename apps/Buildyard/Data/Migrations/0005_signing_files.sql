CREATE TABLE signing_files (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL,
    password BLOB,
    alias TEXT,
    key_password BLOB,
    subject TEXT NOT NULL,
    detail TEXT,
    expires_at INTEGER,
    digest TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_signing_files_app_id_name ON signing_files (app_id, name);
