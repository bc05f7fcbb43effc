-- What the database itself does for the audit log. Applied after the migrations, at each start:
-- functions are replaced, triggers are made where they are missing.

-- The digest of an entry after the one before it. Only what does not depend on the session's
-- settings goes in: times as seconds, JSON in the database's own order of keys.
CREATE OR REPLACE FUNCTION audit_digest(before text, entry audit_entries) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(before || jsonb_build_array(
    entry.id, extract(epoch FROM entry.at), entry.actor_id, entry.actor, entry.act,
    entry.subject, entry.details, entry.address)::text, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;

-- Run when the transaction commits: its lock is the last one taken, so that it cannot be part of a
-- deadlock, and is held for the commit alone. Positions therefore follow the order of commits.
CREATE OR REPLACE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last audit_links;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('audit'));
  SELECT * INTO last FROM audit_links ORDER BY position DESC LIMIT 1;
  INSERT INTO audit_links (position, entry_id, digest)
  VALUES (coalesce(last.position, 0) + 1, NEW.id, audit_digest(coalesce(last.digest, ''), NEW));
  RETURN NULL;
END $$;

DO $$
DECLARE
  log text;
BEGIN
  FOREACH log IN ARRAY ARRAY['audit_entries', 'audit_links'] LOOP
    IF NOT EXISTS (
      SELECT FROM pg_trigger WHERE tgname = 'audit_keep' AND tgrelid = log::regclass
    ) THEN
      EXECUTE format('CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON %I
                      FOR EACH ROW EXECUTE FUNCTION audit_refuse()', log);
      EXECUTE format('CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON %I
                      FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', log);
    END IF;
  END LOOP;
  IF NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgname = 'audit_link' AND tgrelid = 'audit_entries'::regclass
  ) THEN
    CREATE CONSTRAINT TRIGGER audit_link AFTER INSERT ON audit_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link();
  END IF;
END $$;
