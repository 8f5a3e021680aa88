-- The role that the customer gave stands beside the one that support made of it: the difference waits until a customer accepts it.
ALTER TABLE app_roles ADD COLUMN accepted_role TEXT NOT NULL DEFAULT 'tester';
UPDATE app_roles SET accepted_role = role WHERE promoted_by_support IS NULL;
ALTER TABLE app_roles RENAME COLUMN promoted_by_support TO changed_by_support;
ALTER TABLE app_roles DROP COLUMN promoted_at;
