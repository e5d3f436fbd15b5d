//! The port of the pipeline's numbers.

use super::condition::{age_at_end, condition};
use crate::codec::parse;
use crate::dialect;
use crate::entity::leads::{self, Column};
use crate::entity::{forms, lead_events};
use crate::error::store_error;
use crate::keyset;
use crate::leads::{Scored, read_scored};
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use groundswell_domain::leads::{Lead, LeadEventKind, LeadStage};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::pipeline::{
    CohortCount, Dimension, Ended, EndedGroup, GroupCount, LeadSet, MoveCount, Outcome, OutcomeCount,
    PipelineRepo, SetSort, StageCount, Valued, Won,
};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, Order, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, TryGetableMany,
};
use uuid::Uuid;

/// Reasons of each outcome that are told apart.
const REASONS: u64 = 200;

#[async_trait]
impl<C: ConnectionTrait + Send> PipelineRepo for Session<C> {
    async fn stages(&self, set: &LeadSet) -> Result<Vec<StageCount>, StoreError> {
        let columns = [Column::FurthestStage, Column::Stage];
        let mut query = Query::select();
        query
            .columns(columns)
            .expr(count())
            .from(leads::Entity)
            .cond_where(condition(self, set))
            .group_by_columns(columns);
        let rows: Vec<(String, String, i64)> = self.rows(&query).await?;
        let convert = |(furthest, stage, leads): (String, String, i64)| {
            Ok(StageCount {
                furthest: parse("leads.furthest_stage", &furthest)?,
                stage: parse("leads.stage", &stage)?,
                leads,
            })
        };
        rows.into_iter().map(convert).collect()
    }

    async fn groups(&self, set: &LeadSet, by: Dimension, limit: u32) -> Result<Vec<GroupCount>, StoreError> {
        let mut query = self.by(set, Some(by));
        let reached = |stage: LeadStage| {
            let further = LeadStage::ALL.iter().filter(|other| other.rank() >= stage.rank());
            sum_if(Column::FurthestStage.is_in(further.map(|stage| stage.as_str())))
        };
        query
            .expr_as(count(), Alias::new("leads_in_group"))
            .expr(reached(LeadStage::Qualified))
            .expr(reached(LeadStage::Opportunity))
            .expr(sum_if(Column::Stage.eq(LeadStage::Converted.as_str())))
            .expr(sum_if(Column::Stage.eq(LeadStage::Disqualified.as_str())))
            .order_by(Alias::new("leads_in_group"), Order::Desc)
            .order_by(value(), Order::Asc)
            .limit(limit.into());
        let rows = self.conn.query_all(&query).await.map_err(store_error)?;
        let mut groups = Vec::with_capacity(rows.len());
        for row in rows {
            let number = |index| row.try_get_by_index(index).map_err(store_error);
            groups.push(GroupCount {
                value: group_of(&row, Some(by))?,
                leads: number(1)?,
                qualified: number(2)?,
                opportunities: number(3)?,
                converted: number(4)?,
                disqualified: number(5)?,
            });
        }
        Ok(groups)
    }

    async fn ended(
        &self,
        set: &LeadSet,
        by: Option<Dimension>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<EndedGroup>, StoreError> {
        let largest: Option<Vec<Option<String>>> = match by {
            Some(by) => Some(
                self.groups(set, by, limit)
                    .await?
                    .into_iter()
                    .map(|group| group.value)
                    .collect(),
            ),
            None => None,
        };
        let ended = [LeadStage::Converted, LeadStage::Disqualified].map(LeadStage::as_str);
        let end = CaseStatement::new()
            .case(
                Column::Stage.is_in(ended),
                Expr::col(Column::StageSince.as_column_ref()),
            )
            .finally(Expr::val(now));
        let days = dialect::whole_days(&self.conn, Expr::col(Column::CreatedAt.as_column_ref()), end);
        let won = sum_if(Column::Stage.eq(LeadStage::Converted.as_str()));
        let mut query = self.by(set, by);
        if let (Some(by), Some(values)) = (by, &largest) {
            query.and_where(one_of(by, values));
        }
        query
            .expr_as(days, Alias::new("days"))
            .expr(count())
            .expr(won)
            .add_group_by([Expr::col(Alias::new("days"))]);
        let rows = self.conn.query_all(&query).await.map_err(store_error)?;
        let values = largest.unwrap_or_else(|| vec![None]);
        let mut groups: Vec<_> = values
            .into_iter()
            .map(|value| EndedGroup {
                value,
                ended: Vec::new(),
            })
            .collect();
        for row in rows {
            let number = |index| row.try_get_by_index::<i64>(index).map_err(store_error);
            let (value, days, all, won) = (group_of(&row, by)?, number(1)?, number(2)?, number(3)?);
            let Some(group) = groups.iter_mut().find(|group| group.value == value) else {
                continue;
            };
            for (converted, leads) in [(true, won), (false, all - won)] {
                let leads = u64::try_from(leads).map_err(StoreError::other)?;
                if leads > 0 {
                    #[expect(clippy::cast_precision_loss, reason = "days are far below 2^52")]
                    let days = Ord::max(days, 0) as f64;
                    group.ended.push(Ended {
                        days,
                        converted,
                        leads,
                    });
                }
            }
        }
        Ok(groups)
    }

    async fn cohorts(&self, set: &LeadSet) -> Result<Vec<CohortCount>, StoreError> {
        let (month, after) = (Alias::new("month"), Alias::new("after"));
        let months = age_at_end(self).div(Expr::val(30_i64));
        let converted = CaseStatement::new().case(Column::Stage.eq(LeadStage::Converted.as_str()), months);
        let mut query = Query::select();
        query
            .expr_as(dialect::utc_month(&self.conn, Column::CreatedAt), month.clone())
            .expr_as(converted, after.clone())
            .expr(count())
            .from(leads::Entity)
            .cond_where(condition(self, set))
            .add_group_by([Expr::col(month), Expr::col(after)]);
        let rows: Vec<(String, Option<i64>, i64)> = self.rows(&query).await?;
        let convert = |(month, after, leads): (String, Option<i64>, i64)| {
            Ok(CohortCount {
                first_day: format!("{month}-01")
                    .parse::<NaiveDate>()
                    .map_err(StoreError::other)?,
                after,
                leads,
            })
        };
        rows.into_iter().map(convert).collect()
    }

    async fn outcomes(&self, set: &LeadSet, currency: &str) -> Result<Vec<OutcomeCount>, StoreError> {
        let mut all = Vec::new();
        for outcome in Outcome::ALL.iter().copied() {
            let many = Alias::new("leads_in_group");
            let value = CaseStatement::new().case(
                Column::ValueCurrency.eq(currency),
                Expr::col(Column::Value.as_column_ref()),
            );
            let mut query = Query::select();
            query
                .column(Column::OutcomeReason)
                .expr_as(count(), many.clone())
                .expr(big(Func::sum(value)))
                .from(leads::Entity)
                .cond_where(condition(self, set).add(Column::Stage.eq(outcome.stage().as_str())))
                .group_by_col(Column::OutcomeReason)
                .order_by(many, Order::Desc)
                .limit(REASONS);
            let rows: Vec<(Option<String>, i64, Option<i64>)> = self.rows(&query).await?;
            all.extend(rows.into_iter().map(|(reason, leads, value)| OutcomeCount {
                outcome,
                reason,
                leads,
                value,
            }));
        }
        Ok(all)
    }

    async fn moves(&self, set: &LeadSet) -> Result<Vec<MoveCount>, StoreError> {
        use lead_events::Column as Event;
        let data = || Expr::col((lead_events::Entity, Event::Data));
        let [from, to, days] = ["from_stage", "to_stage", "days"].map(Alias::new);
        let seconds = dialect::json_text(&self.conn, data(), "after_seconds").cast_as("bigint");
        let mut query = Query::select();
        query
            .expr_as(dialect::json_text(&self.conn, data(), "from"), from.clone())
            .expr_as(dialect::json_text(&self.conn, data(), "to"), to.clone())
            .expr_as(seconds.div(Expr::val(86_400_i64)), days.clone())
            .expr(count())
            .from(lead_events::Entity)
            .and_where(Event::OrganizationId.eq(self.organization))
            .and_where(Event::Kind.eq(LeadEventKind::StageChanged.as_str()))
            .and_where(Expr::col((lead_events::Entity, Event::LeadId)).in_subquery(self.ids(set)))
            .add_group_by([from, to, days].map(Expr::col));
        let rows: Vec<(Option<String>, Option<String>, Option<i64>, i64)> = self.rows(&query).await?;
        let mut moves = Vec::with_capacity(rows.len());
        for (from, to, days, many) in rows {
            if let (Some(from), Some(to), Some(days)) = (from, to, days) {
                moves.push(MoveCount {
                    from: parse("lead_events.data.from", &from)?,
                    to: parse("lead_events.data.to", &to)?,
                    days,
                    moves: many,
                });
            }
        }
        Ok(moves)
    }

    async fn won(&self, set: &LeadSet, currency: &str) -> Result<Won, StoreError> {
        let valued = || {
            Column::ValueCurrency
                .eq(currency)
                .and(Column::Value.is_not_null())
        };
        let value = CaseStatement::new()
            .case(valued(), Expr::col(Column::Value.as_column_ref()))
            .finally(Expr::val(0_i64));
        let mut query = Query::select();
        query
            .expr(count())
            .expr(sum_if(valued()))
            .expr(sum_of(value))
            .expr(sum_of(age_at_end(self)))
            .from(leads::Entity)
            .cond_where(condition(self, set).add(Column::Stage.eq(LeadStage::Converted.as_str())));
        let rows: Vec<(i64, i64, i64, i64)> = self.rows(&query).await?;
        let (leads, valued, value, days) = rows.into_iter().next().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "days are far below 2^52")]
        let days = days as f64;
        Ok(Won {
            leads,
            valued,
            value,
            days,
        })
    }

    async fn valued(&self, set: &LeadSet) -> Result<Valued, StoreError> {
        let mut query = Query::select();
        query
            .column(Column::ValueCurrency)
            .expr(count())
            .expr(sum_of(Func::coalesce([
                Expr::col(Column::Value.as_column_ref()),
                Expr::val(0_i64),
            ])))
            .from(leads::Entity)
            .cond_where(condition(self, set))
            .group_by_columns([Column::ValueCurrency]);
        let rows: Vec<(Option<String>, i64, i64)> = self.rows(&query).await?;
        let mut valued = Valued::default();
        for (currency, leads, value) in rows {
            valued.leads += leads;
            if let Some(currency) = currency {
                valued
                    .value
                    .insert(parse("leads.value_currency", &currency)?, value);
            }
        }
        Ok(valued)
    }

    async fn list(&self, set: &LeadSet, page: &PageRequest<SetSort>) -> Result<Page<Lead>, StoreError> {
        let column = match page.sort.field {
            SetSort::CreatedAt => Column::CreatedAt,
        };
        let select = leads::Entity::find().filter(condition(self, set));
        let place = |row: &Scored| (CursorValue::Time(row.lead.created_at), row.lead.id);
        keyset::joined(
            &self.conn,
            select,
            |select| read_scored(select, self.organization),
            (column, Column::Id),
            page,
            place,
            TryInto::try_into,
        )
        .await
    }
}

impl<C: ConnectionTrait + Send> Session<C> {
    async fn rows<T: TryGetableMany>(&self, query: &SelectStatement) -> Result<Vec<T>, StoreError> {
        let rows = self.conn.query_all(query).await.map_err(store_error)?;
        rows.iter()
            .map(|row| row.try_get_many_by_index().map_err(store_error))
            .collect()
    }

    fn ids(&self, set: &LeadSet) -> SelectStatement {
        let mut query = Query::select();
        query
            .column(Column::Id)
            .from(leads::Entity)
            .cond_where(condition(self, set));
        query.take()
    }

    /// Leads of a set, grouped by a dimension, whose value is the first column; by nothing, with null for the value.
    fn by(&self, set: &LeadSet, by: Option<Dimension>) -> SelectStatement {
        use lead_events::Column as Event;
        let mut query = Query::select();
        let column = match by {
            None => {
                query.expr_as(Expr::cust("CAST(NULL AS TEXT)"), value());
                query.from(leads::Entity).cond_where(condition(self, set));
                return query.take();
            }
            Some(Dimension::Source) => Column::Source,
            Some(Dimension::UtmSource) => Column::UtmSource,
            Some(Dimension::UtmMedium) => Column::UtmMedium,
            Some(Dimension::UtmCampaign) => Column::UtmCampaign,
            Some(Dimension::Form | Dimension::Campaign) => {
                // Once for each form or campaign that a lead filled in a form of.
                let subject = if by == Some(Dimension::Form) {
                    Expr::col((lead_events::Entity, Event::Subject))
                } else {
                    Expr::col((forms::Entity, forms::Column::CampaignId))
                };
                let mut pairs = Query::select();
                pairs
                    .distinct()
                    .expr_as(
                        Expr::col((lead_events::Entity, Event::LeadId)),
                        Alias::new("lead_id"),
                    )
                    .expr_as(subject.clone(), Alias::new("subject"))
                    .from(lead_events::Entity)
                    .and_where(Expr::col((lead_events::Entity, Event::OrganizationId)).eq(self.organization))
                    .and_where(
                        Expr::col((lead_events::Entity, Event::Kind))
                            .eq(LeadEventKind::FormSubmitted.as_str()),
                    )
                    .and_where(subject.is_not_null());
                if by == Some(Dimension::Campaign) {
                    let same = Condition::all()
                        .add(Expr::col((forms::Entity, forms::Column::OrganizationId)).eq(self.organization))
                        .add(
                            Expr::col((forms::Entity, forms::Column::Id))
                                .equals((lead_events::Entity, Event::Subject)),
                        );
                    pairs.inner_join(forms::Entity, same);
                }
                let did = Alias::new("did");
                query
                    .expr_as(Expr::col((did.clone(), Alias::new("subject"))), value())
                    .from(leads::Entity)
                    .join_subquery(
                        sea_orm::sea_query::JoinType::InnerJoin,
                        pairs.take(),
                        did.clone(),
                        Expr::col((did, Alias::new("lead_id"))).equals((leads::Entity, Column::Id)),
                    )
                    .cond_where(condition(self, set))
                    .add_group_by([Expr::col(value())]);
                return query.take();
            }
        };
        query
            .expr_as(Expr::col(column.as_column_ref()), value())
            .from(leads::Entity)
            .cond_where(condition(self, set))
            .add_group_by([Expr::col(value())]);
        query.take()
    }
}

/// The first column of a row that is grouped by a dimension.
fn group_of(row: &QueryResult, by: Option<Dimension>) -> Result<Option<String>, StoreError> {
    if let Some(Dimension::Form | Dimension::Campaign) = by {
        let id: Option<Uuid> = row.try_get_by_index(0).map_err(store_error)?;
        return Ok(id.map(|id| id.to_string()));
    }
    row.try_get_by_index(0).map_err(store_error)
}

/// The group is one of these.
fn one_of(by: Dimension, values: &[Option<String>]) -> SimpleExpr {
    let texts = values.iter().flatten();
    let column = match by {
        Dimension::Source => Column::Source,
        Dimension::UtmSource => Column::UtmSource,
        Dimension::UtmMedium => Column::UtmMedium,
        Dimension::UtmCampaign => Column::UtmCampaign,
        Dimension::Form | Dimension::Campaign => {
            let ids = texts.filter_map(|text| text.parse::<Uuid>().ok());
            return Expr::col((Alias::new("did"), Alias::new("subject"))).is_in(ids);
        }
    };
    let named = column.is_in(texts.cloned());
    if values.contains(&None) {
        named.or(column.is_null())
    } else {
        named
    }
}

fn value() -> Alias {
    Alias::new("value_of_group")
}

fn count() -> SimpleExpr {
    Expr::cust("COUNT(*)")
}

/// How many rows a condition holds for.
fn sum_if(condition: SimpleExpr) -> SimpleExpr {
    let one = CaseStatement::new()
        .case(condition, Expr::val(1_i64))
        .finally(Expr::val(0_i64));
    sum_of(one)
}

/// Zero over no rows.
fn sum_of(number: impl Into<SimpleExpr>) -> SimpleExpr {
    let sum: SimpleExpr = Func::sum(number).into();
    let or_zero: [SimpleExpr; 2] = [sum, Expr::val(0_i64)];
    big(Func::coalesce(or_zero))
}

/// Sums of big numbers are decimals on PostgreSQL.
fn big(sum: impl Into<SimpleExpr>) -> SimpleExpr {
    sum.into().cast_as("bigint")
}
