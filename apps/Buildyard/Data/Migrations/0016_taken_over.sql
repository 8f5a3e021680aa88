-- What a member took over from another workflow, having looked at it, is the customer's.
ALTER TABLE yaml_versions ADD COLUMN takes_over INTEGER NOT NULL DEFAULT 0;
