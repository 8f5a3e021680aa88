-- How much each build's log takes, what of its files is gone and why, and whether the disk has yet to follow its rows.
ALTER TABLE builds ADD COLUMN log_size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE builds ADD COLUMN log_removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE builds ADD COLUMN files_note TEXT;
ALTER TABLE builds ADD COLUMN files_due INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ix_builds_files_due ON builds (files_due);
-- Of before nobody measured.
UPDATE builds SET files_due = 1 WHERE ended_at IS NOT NULL;

-- What is known of an account's storage beside its builds: how much its caches took when it was last looked, and since when it is nearly full.
CREATE TABLE account_storage (
    account_id TEXT NOT NULL PRIMARY KEY,
    caches INTEGER NOT NULL,
    nearly_full_since INTEGER,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
