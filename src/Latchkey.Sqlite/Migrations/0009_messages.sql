-- Notices of messages: how many of one conversation a line or a delivery stands for. Ordinary tables, as those of 0006 are.
ALTER TABLE inbox ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
ALTER TABLE inbox ADD COLUMN of_several INTEGER NOT NULL DEFAULT 0 CHECK (of_several IN (0, 1));
ALTER TABLE notice_delivery ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
ALTER TABLE notice_delivery ADD COLUMN of_several INTEGER NOT NULL DEFAULT 0 CHECK (of_several IN (0, 1));
CREATE INDEX notice_delivery_of_reader ON notice_delivery (reader, channel) WHERE state = 'Waiting';

-- Who speaks in a conversation, without reading all that they said.
CREATE INDEX conversation_item_speakers ON conversation_item (conversation, author) WHERE speaks = 1;

-- What people and agents chose for themselves: which notices they are also mailed.
CREATE TABLE notice_mail_choice (
    reader TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    email  INTEGER NOT NULL CHECK (email IN (0, 1)),
    PRIMARY KEY (reader, kind)
) STRICT, WITHOUT ROWID;
