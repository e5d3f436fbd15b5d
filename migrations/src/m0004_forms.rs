//! Forms and what visitors sent with them.

use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        forms(manager).await?;
        submissions(manager).await
    }
}

async fn forms(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("forms");
    table
        .col(text("name"))
        // No foreign key: a form outlives the campaign that its leads are attributed to.
        .col(uuid_null("campaign_id"))
        .col(json_binary("fields"))
        .col(json_binary("styling"))
        .col(json_binary("settings"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("forms"));
    manager.create_table(table).await?;
    // A visitor knows the form's id and nothing else.
    manager
        .create_index(index("forms", "forms_id_key", ["id"]).unique().take())
        .await?;
    let lists = [
        index(
            "forms",
            "forms_created_idx",
            ["organization_id", "created_at", "id"],
        ),
        index(
            "forms",
            "forms_updated_idx",
            ["organization_id", "updated_at", "id"],
        ),
        index("forms", "forms_name_idx", ["organization_id", "name", "id"]),
    ];
    for list in lists {
        manager.create_index(list).await?;
    }
    Ok(())
}

async fn submissions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let cascade = ForeignKeyAction::Cascade;
    let mut table = of_organization("submissions");
    table
        .col(uuid("form_id"))
        .col(uuid("lead_id"))
        .col(json_binary("answers"))
        .col(json_binary("attribution"))
        .col(text_null("user_agent"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "submissions",
            "form_id",
            "forms",
            cascade,
        ))
        .foreign_key(&mut within_organization(
            "submissions",
            "lead_id",
            "leads",
            cascade,
        ));
    manager.create_table(table).await?;
    let by_form = index(
        "submissions",
        "submissions_form_idx",
        ["organization_id", "form_id", "created_at", "id"],
    );
    manager.create_index(by_form).await?;
    manager
        .create_index(index(
            "submissions",
            "submissions_lead_idx",
            ["organization_id", "lead_id"],
        ))
        .await
}
