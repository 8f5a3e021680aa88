CREATE TABLE builds (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    branch TEXT,
    tag TEXT,
    commit_hash TEXT,
    message TEXT,
    pull_request INTEGER,
    pull_request_target TEXT,
    fork_url TEXT,
    yaml_version INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    started_by_id TEXT,
    started_by_name TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    set_up_by_support INTEGER NOT NULL,
    support_session TEXT,
    guard_reason TEXT,
    secrets_answer TEXT NOT NULL,
    secrets_answered_by TEXT,
    priority INTEGER NOT NULL,
    waits_for_approval INTEGER NOT NULL,
    approved_by TEXT,
    env TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    reason TEXT,
    rebuilt_from INTEGER,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE build_steps (
    build_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    started_at INTEGER,
    took INTEGER,
    log_start INTEGER,
    log_end INTEGER,
    PRIMARY KEY (build_id, position),
    FOREIGN KEY (build_id) REFERENCES builds (id) ON DELETE CASCADE
);

CREATE TABLE build_artifacts (
    build_id TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (build_id, name),
    FOREIGN KEY (build_id) REFERENCES builds (id) ON DELETE CASCADE
);

CREATE TABLE build_counters (
    app_id TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE secret_permits (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    support_session TEXT NOT NULL,
    allowed_by TEXT NOT NULL,
    allowed_at INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_builds_app_id_number ON builds (app_id, number);
CREATE INDEX ix_builds_status ON builds (status);
CREATE UNIQUE INDEX ix_secret_permits_app_id_support_session ON secret_permits (app_id, support_session);
