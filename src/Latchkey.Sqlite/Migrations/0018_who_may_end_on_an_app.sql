-- Who could turn a grant of the whole account off on one app of it when it opened that one. Of those opened before, nobody is known.
ALTER TABLE grant_cover ADD COLUMN may_end TEXT NOT NULL DEFAULT '[]';
