//! Row-level security: PostgreSQL itself refuses rows of other organizations, whatever a statement forgot.
//!
//! Three things make it hold: every table with an `organization_id` has a policy, which binds its owner too; the
//! program works as a role that owns nothing and can't bypass policies; and every transaction says whose rows it wants
//! (see [`super::reach`]). Migrations run as the role of the database's address, which owns the tables.
//!
//! The walls are raised anew after each migration, for whatever tables there are then: a new one can't be forgotten.

use super::reach::{Reach, SETTING};
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

/// Who the program works as. One for all databases of a server: what it may is granted in each of them.
const ROLE: &str = "groundswell_app";
const POLICY: &str = "groundswell_organization";

/// Tables, and the column that says whose each row is.
const TABLES: &str = "
SELECT c.oid, c.relname, a.attname, c.relrowsecurity AND c.relforcerowsecurity AS forced, c.relowner
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
  AND a.attname = CASE WHEN c.relname = 'organizations' THEN 'id' ELSE 'organization_id' END
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')";

/// Conditions of searches whose indexes PostgreSQL leaves aside behind a policy, because their functions are not marked
/// as leakproof: `LIKE` and `ILIKE` on text, and `@>` on jsonb. None tells anything about a row but its answer.
const SEARCHING: [&str; 3] = [
    "textlike(text, text)",
    "texticlike(text, text)",
    "jsonb_contains(jsonb, jsonb)",
];

/// Puts a policy on every table, and lets the role in. In the transaction of the migrations.
pub(crate) async fn raise(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    if conn.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    let everything = Uuid::max();
    // Sub-selects: they are computed once for a statement, not for each row.
    conn.execute_unprepared(&format!(
        "DO $$ DECLARE t record; BEGIN
           FOR t IN {TABLES} LOOP
             EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t.relname);
             EXECUTE format('DROP POLICY IF EXISTS {POLICY} ON %I', t.relname);
             EXECUTE format('CREATE POLICY {POLICY} ON %I USING (
                 %I = (SELECT nullif(current_setting(''{SETTING}'', true), '''')::uuid)
                 OR (SELECT current_setting(''{SETTING}'', true) = ''{everything}''))', t.relname, t.attname);
           END LOOP;
         END $$"
    ))
    .await?;
    // Whoever may not create roles goes on without: the policies bind the owner as well, and `doctor` says what is
    // missing. Others may make the role at the same moment, for another database.
    conn.execute_unprepared(&format!(
        "DO $$ BEGIN
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
             CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
           END IF;
           IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
             EXECUTE format('GRANT {ROLE} TO %I', current_user);
           END IF;
         EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation OR internal_error THEN
           RAISE WARNING 'the role {ROLE} was not set up: %', SQLERRM;
         END $$"
    ))
    .await?;
    conn.execute_unprepared(&format!(
        "DO $$ BEGIN
           IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
             EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
             EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {ROLE}', current_schema());
             REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM {ROLE};
           END IF;
         END $$"
    ))
    .await?;
    let trust = trust_searching();
    conn.execute_unprepared(&format!(
        "DO $$ BEGIN IF current_setting('is_superuser') = 'on' THEN {trust} END IF; END $$"
    ))
    .await?;
    Ok(())
}

/// Makes a new connection work as the role, as soon as the role may work in this database. Without walls it sees all.
pub(super) async fn enter(conn: &mut PgConnection, walls: bool) -> Result<(), sqlx::Error> {
    if !walls {
        let (setting, everything) = Reach::everything();
        conn.execute(AssertSqlSafe(format!("SET {setting} = '{everything}'")))
            .await?;
    }
    conn.execute(AssertSqlSafe(format!(
        "SELECT set_config('role', rolname, false) FROM pg_roles
         WHERE rolname = '{ROLE}' AND pg_has_role(session_user, oid, 'MEMBER')
           AND has_table_privilege(oid, to_regclass('organizations'), 'SELECT')"
    )))
    .await?;
    Ok(())
}

/// What is wrong with the walls, in sentences; `None` where the database has none.
pub(crate) async fn inspect(conn: &impl ConnectionTrait) -> Result<Option<Vec<String>>, DbErr> {
    let backend = conn.get_database_backend();
    if backend != sea_orm::DbBackend::Postgres {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let sql = format!(
        "SELECT t.relname, t.forced, t.relowner = current_user::regrole AS owned,
           (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid) AS policies,
           (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = '{POLICY}' AND p.polcmd = '*') AS ours
         FROM ({TABLES}) t ORDER BY t.relname"
    );
    let (mut open, mut owned, mut odd) = (Vec::new(), 0, Vec::new());
    for row in conn.query_all_raw(Statement::from_string(backend, sql)).await? {
        let name: String = row.try_get("", "relname")?;
        let (policies, ours): (i64, i64) = (row.try_get("", "policies")?, row.try_get("", "ours")?);
        if !row.try_get::<bool>("", "forced")? || ours != 1 {
            open.push(name);
        } else if policies != ours {
            odd.push(name);
        }
        owned += i32::from(row.try_get::<bool>("", "owned")?);
    }
    if !open.is_empty() {
        wrong.push(format!(
            "row-level security is not forced on {}: run `groundswell migrate`",
            open.join(", ")
        ));
    }
    if !odd.is_empty() {
        wrong.push(format!(
            "there are policies that are not Groundswell's, and may let in more than it does, on {}",
            odd.join(", ")
        ));
    }
    let sql =
        "SELECT rolname::text, rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user";
    if let Some(row) = conn.query_one_raw(Statement::from_string(backend, sql)).await? {
        let role: String = row.try_get("", "rolname")?;
        if row.try_get::<bool>("", "free")? {
            wrong.push(format!(
                "the role {role} bypasses row-level security: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {role}; then `groundswell migrate`"
            ));
        } else if owned > 0 {
            wrong.push(format!(
                "the role {role} owns the tables, and could take their policies away; as a superuser: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {role}; then `groundswell migrate`"
            ));
        }
    }
    Ok(Some(wrong))
}

/// What is slower than it could be because of the walls: a sentence.
pub(crate) async fn slow_searches(conn: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let backend = conn.get_database_backend();
    if backend != sea_orm::DbBackend::Postgres {
        return Ok(None);
    }
    let functions = SEARCHING.map(|function| format!("'pg_catalog.{function}'::regprocedure"));
    let sql = format!(
        "SELECT bool_and(proleakproof) AS marked FROM pg_proc WHERE oid IN ({})",
        functions.join(", ")
    );
    let row = conn.query_one_raw(Statement::from_string(backend, sql)).await?;
    let marked = row.map(|row| row.try_get::<bool>("", "marked")).transpose()?;
    Ok((marked == Some(false)).then(|| {
        format!(
            "searches by text and tags go without their indexes, because PostgreSQL does not trust their functions behind row-level security; as a superuser, in this database: {}",
            trust_searching()
        )
    }))
}

fn trust_searching() -> String {
    SEARCHING
        .map(|function| format!("ALTER FUNCTION pg_catalog.{function} LEAKPROOF;"))
        .join(" ")
}
