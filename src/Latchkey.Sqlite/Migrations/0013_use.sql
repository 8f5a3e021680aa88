-- What the vendor's reports ask for: sessions and requests of a period, keys that nobody has used, and keys by when they ended.
CREATE INDEX session_by_time ON session (opened_at);
CREATE INDEX request_by_time ON request (at);
CREATE INDEX grant_unused ON grant_ (starts) WHERE ended_at IS NULL AND sessions = 0;
CREATE INDEX grant_ended ON grant_ (ended_at) WHERE ended_at IS NOT NULL;
