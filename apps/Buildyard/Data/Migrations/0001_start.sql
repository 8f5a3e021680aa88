-- Times are milliseconds since 1970-01-01 UTC; switches are 0 or 1.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE apps (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    repository_url TEXT NOT NULL,
    project_type TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE billing (
    account_id TEXT NOT NULL PRIMARY KEY,
    plan TEXT NOT NULL,
    seats INTEGER NOT NULL,
    card_last_four TEXT,
    invoice_email TEXT NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE invoices (
    number TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    paid INTEGER NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE one_time_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT,
    email TEXT,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT,
    is_owner INTEGER NOT NULL,
    is_lead INTEGER NOT NULL,
    suspended INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    user_name TEXT,
    normalized_user_name TEXT,
    email TEXT,
    normalized_email TEXT,
    email_confirmed INTEGER NOT NULL,
    password_hash TEXT,
    security_stamp TEXT,
    concurrency_stamp TEXT,
    phone_number TEXT,
    phone_number_confirmed INTEGER NOT NULL,
    two_factor_enabled INTEGER NOT NULL,
    lockout_end INTEGER,
    lockout_enabled INTEGER NOT NULL,
    access_failed_count INTEGER NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id)
);

CREATE TABLE yaml_versions (
    app_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    by_support INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (app_id, number),
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE
);

CREATE TABLE app_roles (
    app_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    promoted_by_support TEXT,
    promoted_at INTEGER,
    PRIMARY KEY (app_id, person_id),
    FOREIGN KEY (app_id) REFERENCES apps (id) ON DELETE CASCADE,
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE person_claims (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    claim_type TEXT,
    claim_value TEXT,
    FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE person_logins (
    login_provider TEXT NOT NULL,
    provider_key TEXT NOT NULL,
    provider_display_name TEXT,
    user_id TEXT NOT NULL,
    PRIMARY KEY (login_provider, provider_key),
    FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE person_tokens (
    user_id TEXT NOT NULL,
    login_provider TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (user_id, login_provider, name),
    FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    token_hash TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE INDEX ix_app_roles_person_id ON app_roles (person_id);
CREATE INDEX ix_apps_account_id ON apps (account_id);
CREATE UNIQUE INDEX ix_apps_slug ON apps (slug);
CREATE INDEX ix_invoices_account_id ON invoices (account_id);
CREATE INDEX ix_one_time_links_account_id ON one_time_links (account_id);
CREATE INDEX ix_people_account_id ON people (account_id);
CREATE INDEX ix_people_normalized_email ON people (normalized_email);
CREATE UNIQUE INDEX ix_people_normalized_user_name ON people (normalized_user_name);
CREATE INDEX ix_person_claims_user_id ON person_claims (user_id);
CREATE INDEX ix_person_logins_user_id ON person_logins (user_id);
CREATE INDEX ix_sign_ins_person_id ON sign_ins (person_id);
CREATE UNIQUE INDEX ix_sign_ins_token_hash ON sign_ins (token_hash);
