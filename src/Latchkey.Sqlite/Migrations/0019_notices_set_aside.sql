-- A notice whose host could not say whom it is for waits by itself: how often it was tried, and not before when it is again.
ALTER TABLE notice ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN next INTEGER;
DROP INDEX notice_due;
CREATE INDEX notice_due ON notice (coalesce(next, due), number) WHERE spread IS NULL;
