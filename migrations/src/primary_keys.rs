//! Makes every primary key the youngest index of its table, on PostgreSQL.
//!
//! All indexes of a table start with the organization. While a table is all but empty they cost the same, and the planner
//! then takes the youngest one that fits. Such a plan is kept, that of a foreign key's check for one, and walks through all
//! rows of the organization until autovacuum has counted the table, a minute later: a first big import or a first busy day
//! would be spent in there. With the primary key as the youngest one, the plan is right from the start.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

// The foreign keys that lean on a primary key go first and come back at the end, as they were.
const RENEW: &str = r"
DO $$
DECLARE
  late record;
  reference record;
  back text[];
  command text;
BEGIN
  FOR late IN
    SELECT conrelid, conrelid::regclass AS in_table, conname, pg_get_constraintdef(key.oid) AS definition
    FROM pg_constraint AS key
    WHERE contype = 'p' AND connamespace = current_schema()::regnamespace
      AND EXISTS (SELECT FROM pg_index WHERE indrelid = key.conrelid AND indexrelid > key.conindid)
    ORDER BY conname
  LOOP
    back := '{}';
    FOR reference IN
      SELECT conrelid::regclass AS in_table, conname, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint WHERE contype = 'f' AND confrelid = late.conrelid
    LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', reference.in_table, reference.conname);
      back := back || format('ALTER TABLE %s ADD CONSTRAINT %I %s', reference.in_table, reference.conname, reference.definition);
    END LOOP;
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', late.in_table, late.conname);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', late.in_table, late.conname, late.definition);
    FOREACH command IN ARRAY back LOOP
      EXECUTE command;
    END LOOP;
  END LOOP;
END $$";

/// To be called at the end of each migration that adds indexes to tables.
pub async fn make_youngest(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(RENEW).await?;
    }
    Ok(())
}
