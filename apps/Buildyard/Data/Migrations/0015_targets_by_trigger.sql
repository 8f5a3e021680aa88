-- Whether triggers chose what a build runs: whoever repeats it repeats their choice.
ALTER TABLE builds ADD COLUMN target_by_trigger INTEGER NOT NULL DEFAULT 0;
UPDATE builds SET target_by_trigger = 1 WHERE started_by_id IS NULL;
