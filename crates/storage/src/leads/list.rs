//! Pages of leads.

use super::filter::{self, Found};
use super::scored::{self, Scored};
use crate::entity::lead_scores;
use crate::entity::leads::{Column, Entity};
use crate::keyset;
use crate::segments::Shape;
use crate::session::Session;
use groundswell_domain::leads::{Lead, LeadFilter, LeadSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::JoinType;
use sea_orm::{ColumnTrait, ConnectionTrait, Select};

pub(super) async fn list<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
    page: &PageRequest<LeadSort>,
) -> Result<Page<Lead>, StoreError> {
    let found = filter::select(session, filter, Shape::Whole);
    let column = match page.sort.field {
        LeadSort::CreatedAt => Column::CreatedAt,
        LeadSort::UpdatedAt => Column::UpdatedAt,
        LeadSort::Name => Column::Name,
        LeadSort::Email => Column::EmailKey,
        LeadSort::Score => {
            use lead_scores::Column;
            let columns = (Column::Total, Column::LeadId);
            return in_order(session, found, JoinType::InnerJoin, columns, page).await;
        }
    };
    in_order(session, found, JoinType::LeftJoin, (column, Column::Id), page).await
}

async fn in_order<C: ConnectionTrait, S: ColumnTrait>(
    session: &Session<C>,
    found: Found,
    how: JoinType,
    columns: (S, S),
    page: &PageRequest<LeadSort>,
) -> Result<Page<Lead>, StoreError> {
    let place = |row: &Scored| {
        let lead = &row.lead;
        let value = match page.sort.field {
            LeadSort::CreatedAt => CursorValue::Time(lead.created_at),
            LeadSort::UpdatedAt => CursorValue::Time(lead.updated_at),
            LeadSort::Name => CursorValue::Text(lead.name.clone()),
            LeadSort::Email => CursorValue::Text(lead.email_key.clone()),
            LeadSort::Score => CursorValue::Number(row.score.total.into()),
        };
        (value, lead.id)
    };
    let join = |select: Select<Entity>| {
        if found.by_score {
            scored::columns(select)
        } else {
            scored::columns(scored::join(select, session.organization, how))
        }
    };
    keyset::joined(
        &session.conn,
        found.leads,
        join,
        columns,
        page,
        place,
        TryInto::try_into,
    )
    .await
}
