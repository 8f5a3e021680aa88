CREATE TABLE notification_rules (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    event TEXT NOT NULL,
    audience TEXT NOT NULL,
    people TEXT NOT NULL,
    email INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE inbox_items (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    sentence TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    read_at INTEGER,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE,
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    sentence TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    problem TEXT,
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE access_notices (
    app_id TEXT NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL,
    role TEXT NOT NULL,
    until INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE service_users (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE,
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE apple_keys (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    issuer_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    private_key BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE apple_choices (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    apple_key_id TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE,
    FOREIGN KEY (apple_key_id) REFERENCES apple_keys (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_notification_rules_app_id_event ON notification_rules (app_id, event);
CREATE INDEX ix_inbox_items_app_id ON inbox_items (app_id);
CREATE INDEX ix_inbox_items_person_id ON inbox_items (person_id);
CREATE INDEX ix_mails_person_id ON mails (person_id);
CREATE INDEX ix_mails_state_next_at ON mails (state, next_at);
CREATE UNIQUE INDEX ix_service_users_app_id ON service_users (app_id);
CREATE INDEX ix_service_users_person_id ON service_users (person_id);
CREATE INDEX ix_apple_keys_account_id ON apple_keys (account_id);
CREATE UNIQUE INDEX ix_apple_choices_app_id ON apple_choices (app_id);
CREATE INDEX ix_apple_choices_apple_key_id ON apple_choices (apple_key_id);
