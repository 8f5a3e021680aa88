CREATE TABLE app_secrets (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    is_protected INTEGER NOT NULL,
    is_expand INTEGER NOT NULL,
    is_exposed_to_pull_requests INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_app_secrets_app_id_name ON app_secrets (app_id, name);
