CREATE TABLE build_settings (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    manual_approval INTEGER NOT NULL,
    rolling_pushes INTEGER NOT NULL,
    rolling_pull_requests INTEGER NOT NULL,
    rolling_of_running INTEGER NOT NULL,
    selective_paths TEXT NOT NULL,
    checks INTEGER NOT NULL,
    checks_address TEXT NOT NULL,
    checks_token BLOB,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE check_runs (
    build_id TEXT NOT NULL PRIMARY KEY,
    remote_id INTEGER,
    told TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    problem TEXT,
    given_up INTEGER NOT NULL,
    FOREIGN KEY (build_id) REFERENCES builds (id) ON DELETE CASCADE
);

CREATE TABLE incoming_hooks (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    token BLOB NOT NULL,
    token_hash TEXT NOT NULL,
    secret BLOB,
    rotated_at INTEGER NOT NULL,
    rotated_by TEXT NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE hook_deliveries (
    hook_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    event TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (hook_id, delivery_id),
    FOREIGN KEY (hook_id) REFERENCES incoming_hooks (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_build_settings_app_id ON build_settings (app_id);
CREATE UNIQUE INDEX ix_incoming_hooks_app_id ON incoming_hooks (app_id);
CREATE UNIQUE INDEX ix_incoming_hooks_token_hash ON incoming_hooks (token_hash);
