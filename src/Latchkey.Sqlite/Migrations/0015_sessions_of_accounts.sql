-- A report on a key to a whole account asks for the account's sessions of its window, however many others there are.
CREATE INDEX session_by_account ON session (account, opened_at);
