ALTER TABLE apps ADD COLUMN default_branch TEXT NOT NULL DEFAULT 'main';

CREATE TABLE ssh_keys (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    private_key BLOB NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    kind TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_ssh_keys_app_id ON ssh_keys (app_id);
