-- People are told of support access by Latchkey's notices alone.
DELETE FROM notification_rules WHERE event IN ('support_access_on', 'support_access_off');
