ALTER TABLE support_changes ADD COLUMN overtaken_by TEXT;
