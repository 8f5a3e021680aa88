-- What a delivery goes by outside: a number would count what everybody else is told.
ALTER TABLE notice_delivery ADD COLUMN id TEXT NOT NULL DEFAULT '';
UPDATE notice_delivery SET id = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX notice_delivery_id ON notice_delivery (id);
