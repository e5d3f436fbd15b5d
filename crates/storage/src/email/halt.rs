//! Whether mail may leave at all, and the mark of the ledger: facts about the installation.

use crate::entity::{email_messages, organizations};
use crate::error::store_error;
use crate::installation::written;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{Halt, Mark, SendingSwitch};
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

const HALT: &str = "sending_halt";
const MARK: &str = "ledger_mark";

#[async_trait]
impl SendingSwitch for SeaStore {
    async fn halt(&self) -> Result<Option<Halt>, StoreError> {
        let text = self.fact(HALT).await?;
        text.map(|text| serde_json::from_str(&text).map_err(StoreError::other))
            .transpose()
    }

    async fn stop(&self, halt: &Halt) -> Result<bool, StoreError> {
        let text = serde_json::to_string(halt).map_err(StoreError::other)?;
        self.add_fact(HALT, &text, halt.since).await
    }

    async fn go(&self) -> Result<bool, StoreError> {
        match self.fact(HALT).await? {
            Some(text) => self.drop_fact(HALT, &text).await,
            None => Ok(false),
        }
    }

    async fn mark(&self) -> Result<Option<Mark>, StoreError> {
        let text = self.fact(MARK).await?;
        text.map(|text| read(&text)).transpose()
    }

    async fn move_mark(&self, from: Option<Mark>, to: Mark, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let from = from.map(line);
        self.keep_fact(MARK, from.as_deref(), &line(to), now).await
    }

    async fn organizations_with_open_mails(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let ids: Vec<Uuid> = organizations::Entity::find()
            .select_only()
            .column(organizations::Column::Id)
            .filter(
                Expr::exists(mails("email_messages.status = 'queued'")).or(Expr::exists(mails(
                    "email_messages.status IN ('claimed', 'sending')",
                ))),
            )
            .apply_if(after, |select, id| {
                select.filter(organizations::Column::Id.gt(id.0))
            })
            .order_by_asc(organizations::Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}

/// Mails of the organization at hand in states that are written as in the partial indexes.
fn mails(open: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(email_messages::Entity)
        .and_where(
            Expr::col((email_messages::Entity, email_messages::Column::OrganizationId))
                .equals((organizations::Entity, organizations::Column::Id)),
        )
        .and_where(Expr::cust(open))
        .take()
}

fn line(mark: Mark) -> String {
    format!("{} {}", mark.ledger, written(mark.at))
}

fn read(text: &str) -> Result<Mark, StoreError> {
    let mark = text
        .split_once(' ')
        .and_then(|(ledger, at)| Some((ledger.parse().ok()?, at.parse().ok()?)));
    let (ledger, at) = mark.ok_or_else(|| StoreError::other(format!("{text:?} is no mark of the ledger")))?;
    Ok(Mark { ledger, at })
}
