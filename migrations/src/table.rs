//! What every table of an organization has in common.
//!
//! Keys and foreign keys start with `organization_id`, so that a row can't point into another organization.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid;

/// A table with `organization_id`, `id` and both as its primary key.
pub fn of_organization(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("organization_id"))
        .col(uuid("id"))
        .primary_key(
            Index::create()
                .name(format!("{name}_pkey"))
                .col("organization_id")
                .col("id"),
        )
        .take()
}

/// A reference to the organization itself, for tables that refer to nothing else of it.
pub fn to_organization(name: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{name}_organization_fkey"))
        .from(name, "organization_id")
        .to("organizations", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// A reference from `column` to a row of the same organization.
pub fn within_organization(
    name: &'static str,
    column: &'static str,
    target: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{name}_{column}_fkey"))
        .from(name, ("organization_id", column))
        .to(target, ("organization_id", "id"))
        .on_delete(on_delete)
        .take()
}

/// A plain index.
pub fn index<const N: usize>(
    table: &'static str,
    name: &'static str,
    columns: [&'static str; N],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.table(table).name(name);
    for column in columns {
        index.col(column);
    }
    index
}
