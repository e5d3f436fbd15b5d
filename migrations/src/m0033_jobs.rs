//! Indexes for claims in which organizations take turns, and for lists and retention of finished jobs by the million
//! (docs/decisions/0032 and 0033).

use crate::primary_keys;
use crate::table::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for old in ["jobs_queued_idx", "jobs_run_at_idx"] {
            manager
                .get_connection()
                .execute_unprepared(&format!("DROP INDEX {old}"))
                .await?;
        }
        for queue in queue() {
            manager.create_index(queue).await?;
        }
        for list in lists() {
            manager.create_index(list).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// Finished rows are in neither of them: a claim costs the same however many there are.
fn queue() -> [IndexCreateStatement; 2] {
    let queued = || Expr::col("status").eq("queued");
    [
        index("jobs", "jobs_due_idx", ["kind", "priority", "run_at", "id"])
            .and_where(queued())
            .take(),
        index(
            "jobs",
            "jobs_turn_idx",
            ["kind", "priority", "organization_id", "run_at", "id"],
        )
        .and_where(queued())
        .take(),
    ]
}

fn lists() -> Vec<IndexCreateStatement> {
    let unfinished = Expr::col("status")
        .eq("queued")
        .or(Expr::col("status").eq("running"));
    vec![
        index(
            "jobs",
            "jobs_status_idx",
            ["organization_id", "status", "created_at", "id"],
        ),
        index(
            "jobs",
            "jobs_kind_idx",
            ["organization_id", "kind", "created_at", "id"],
        ),
        index(
            "jobs",
            "jobs_kind_status_idx",
            ["organization_id", "kind", "status", "created_at", "id"],
        ),
        index(
            "jobs",
            "jobs_planned_idx",
            ["organization_id", "status", "run_at", "id"],
        )
        .and_where(unfinished)
        .take(),
        index("jobs", "jobs_finished_idx", ["status", "finished_at"])
            .and_where(Expr::col("finished_at").is_not_null())
            .take(),
    ]
}
