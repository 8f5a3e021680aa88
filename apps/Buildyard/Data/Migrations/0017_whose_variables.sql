-- Whose the variables are that a build was started with: a guarded one is given a member's no more than a secret.
ALTER TABLE builds ADD COLUMN env_by_support INTEGER NOT NULL DEFAULT 0;
UPDATE builds SET env_by_support = set_up_by_support;
