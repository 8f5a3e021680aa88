ALTER TABLE one_time_links ADD COLUMN invited_by TEXT;
