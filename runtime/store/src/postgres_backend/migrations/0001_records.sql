-- Rows, the counter of their versions, and the one function that writes.

CREATE TABLE sluis.record (
    kind    text   COLLATE "C" NOT NULL,
    org     text   COLLATE "C" NOT NULL,
    id      text   COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    content bytea  NOT NULL,
    -- sluis.checksum of all the others: notices bit rot, and a row that was moved to another key.
    checksum bytea NOT NULL,
    PRIMARY KEY (kind, org, id)
) WITH (fillfactor = 85); -- rows are replaced often, and then stay on their page

-- Versions of all rows: drawn under the lock of the row, so that a row's own only grow; never set back.
CREATE SEQUENCE sluis.version AS bigint;

-- What became of a batch, for a caller whose answer was lost. Kept for minutes.
CREATE TABLE sluis.batch (
    id       bytea       PRIMARY KEY,
    ended    timestamptz NOT NULL DEFAULT now(),
    outcome  smallint    NOT NULL,
    place    integer     NOT NULL,
    versions bigint[]    NOT NULL
);
CREATE INDEX batch_ended ON sluis.batch (ended);

-- Of key and content; made by the caller over what it sends, so that it guards the way as well.
CREATE FUNCTION sluis.digest(kind text, org text, id text, content bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    key bytea := convert_to(kind, 'UTF8') || '\x00' || convert_to(org, 'UTF8') || '\x00' || convert_to(id, 'UTF8');
BEGIN
    RETURN sha256(int8send(octet_length(key)) || key || content);
END $$;

CREATE FUNCTION sluis.checksum(digest bytea, version bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.substr(pg_catalog.sha256(digest || pg_catalog.int8send(version)), 1, 8)
$$;

-- Makes all changes of a batch, or none.
--   p_again     whether this batch was sent before and its answer was lost
--   p_locks     one number for each key, ascending; empty: nobody else may write meanwhile
--   p_expects   NULL anything, 0 absent, -1 cannot hold, otherwise the version
--   p_contents  NULL deletes
--   outcome     0 done, 1 an expectation failed, 2 a row is damaged; place tells which, from 1
-- Expectations are about what was there before the batch: the caller has already settled those that
-- concern what an earlier change of the same batch leaves.
CREATE FUNCTION sluis.apply(
    p_batch bytea, p_again boolean, p_locks integer[],
    p_kinds text[], p_orgs text[], p_ids text[],
    p_expects bigint[], p_contents bytea[], p_digests bytea[],
    OUT outcome smallint, OUT place integer, OUT versions bigint[]
) LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
DECLARE
    -- The first half of the locks' names, for this purpose alone.
    of_rows CONSTANT integer := 1397511497;
    of_all  CONSTANT integer := 1397511498;
    found_version bigint;
    sound boolean;
    new_version bigint;
BEGIN
    -- Whoever writes a row holds its lock to the end of the transaction, also of a row that is not
    -- there, and everyone takes locks in the same order. What follows sees what the holder before left.
    IF cardinality(p_locks) > 0 THEN
        PERFORM pg_advisory_xact_lock_shared(of_all, 0);
        PERFORM pg_advisory_xact_lock(of_rows, name) FROM unnest(p_locks) AS name;
    ELSE
        PERFORM pg_advisory_xact_lock(of_all, 0);
    END IF;

    SELECT b.outcome, b.place, b.versions INTO outcome, place, versions
        FROM sluis.batch AS b WHERE b.id = p_batch;
    IF FOUND THEN
        RETURN;
    END IF;

    outcome := 0;
    place := 0;
    versions := '{}';
    FOR i IN 1 .. cardinality(p_kinds) LOOP
        CONTINUE WHEN p_expects[i] IS NULL;
        SELECT r.version, r.checksum = sluis.checksum(sluis.digest(r.kind, r.org, r.id, r.content), r.version)
            INTO found_version, sound
            FROM sluis.record AS r
            WHERE r.kind = p_kinds[i] AND r.org = p_orgs[i] AND r.id = p_ids[i];
        IF NOT sound THEN
            outcome := 2;
        ELSIF p_expects[i] <> coalesce(found_version, 0) THEN
            outcome := 1;
        END IF;
        IF outcome <> 0 THEN
            place := i;
            IF p_again THEN
                -- The first sending may still be on its way: it must find this answer.
                INSERT INTO sluis.batch (id, outcome, place, versions) VALUES (p_batch, outcome, place, versions);
            END IF;
            RETURN;
        END IF;
    END LOOP;

    FOR i IN 1 .. cardinality(p_kinds) LOOP
        IF p_contents[i] IS NULL THEN
            DELETE FROM sluis.record AS r
                WHERE r.kind = p_kinds[i] AND r.org = p_orgs[i] AND r.id = p_ids[i];
            versions := versions || 0::bigint;
        ELSE
            new_version := nextval('sluis.version');
            INSERT INTO sluis.record AS r (kind, org, id, version, content, checksum)
                VALUES (p_kinds[i], p_orgs[i], p_ids[i], new_version, p_contents[i],
                        sluis.checksum(p_digests[i], new_version))
                ON CONFLICT (kind, org, id) DO UPDATE
                    SET version = EXCLUDED.version, content = EXCLUDED.content, checksum = EXCLUDED.checksum
                    WHERE r.version < EXCLUDED.version
                       OR r.checksum <> sluis.checksum(sluis.digest(r.kind, r.org, r.id, r.content), r.version);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the counter of versions was set back' USING ERRCODE = 'data_corrupted';
            END IF;
            versions := versions || new_version;
        END IF;
    END LOOP;
    INSERT INTO sluis.batch (id, outcome, place, versions) VALUES (p_batch, outcome, place, versions);
END $$;
