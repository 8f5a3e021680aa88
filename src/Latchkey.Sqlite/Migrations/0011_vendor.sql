-- What the vendor's leads ruled and what became of their team: the positions of entries of the vendor's own ledger, which are few
-- among all that it holds of refusals.
CREATE TABLE vendor_change (
    position INTEGER PRIMARY KEY,
    topic    TEXT NOT NULL CHECK (topic IN ('Policy', 'Team'))
) STRICT;
CREATE INDEX vendor_change_by_topic ON vendor_change (topic, position);
