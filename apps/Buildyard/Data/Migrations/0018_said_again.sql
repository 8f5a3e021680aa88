-- Which changes of support a member's text said again: what is kept of those stands in a later text than their own.
ALTER TABLE support_changes ADD COLUMN is_said_again INTEGER NOT NULL DEFAULT 0;
