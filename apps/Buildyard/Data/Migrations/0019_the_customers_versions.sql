-- Which versions were all the customer's when they were saved: what is accepted is told from there.
ALTER TABLE yaml_versions ADD COLUMN is_the_customers INTEGER NOT NULL DEFAULT 0;
-- Of before it is known where nothing of support's is undecided now.
UPDATE yaml_versions SET is_the_customers = 1
WHERE number = (SELECT MAX(number) FROM yaml_versions AS newest WHERE newest.app_id = yaml_versions.app_id)
  AND NOT EXISTS (SELECT 1 FROM support_changes WHERE support_changes.app_id = yaml_versions.app_id AND state = 'open' AND touches LIKE '%YamlVersion%');
