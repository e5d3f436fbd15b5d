//! Which leads a filter means, as SQL.

use super::scored;
use crate::dialect;
use crate::entity::leads::{self, Column};
use crate::entity::{email_messages, lead_merges, lead_scores};
use crate::segments::{Query, Shape};
use crate::session::Session;
use groundswell_domain::email::MessageStatus;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::phone;
use groundswell_domain::{CampaignId, LeadId};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, LikeExpr, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

/// The leads that a filter means.
pub(super) struct Found {
    pub leads: Select<leads::Entity>,
    /// Conditions are about scores, whose table is therefore joined already.
    pub by_score: bool,
}

impl Found {
    /// To be read as [`scored::Scored`], in an order of the leads' own.
    pub fn with_scores(self, organization: Uuid) -> Select<leads::Entity> {
        if self.by_score {
            scored::columns(self.leads)
        } else {
            scored::read(self.leads, organization)
        }
    }
}

/// The leads that the filter means, among what the session sees.
pub(super) fn select<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter, shape: Shape) -> Found {
    let mut leads = leads::Entity::find().filter(condition(session, filter));
    let mut by_score = filter.min_score.is_some();
    if let Some(chosen) = &filter.segment {
        let mut query = Query::new(&session.conn, session.organization, shape);
        let condition = query.chosen(chosen);
        by_score |= query.by_score;
        leads = query.join(leads.filter(condition));
    }
    if by_score {
        leads = scored::join(leads, session.organization, JoinType::InnerJoin);
    }
    Found { leads, by_score }
}

/// All of the leads that the filter means, for joining.
pub(crate) fn audience<C: ConnectionTrait>(
    session: &Session<C>,
    filter: &LeadFilter,
) -> Select<leads::Entity> {
    select(session, filter, Shape::Whole).leads
}

/// Every condition that is set; who is in a segment comes apart.
fn condition<C: ConnectionTrait>(session: &Session<C>, filter: &LeadFilter) -> Condition {
    let conn = &session.conn;
    // All fields are named, so that a new one can't be forgotten.
    let LeadFilter {
        tags_any,
        tags_all,
        status,
        source,
        client_id,
        min_score,
        segment_id,
        segment,
        lead_ids,
        unopened,
        company,
        text,
        created_from,
        created_before,
        updated_from,
    } = filter;
    let words: Vec<&str> = text.iter().flat_map(|text| text.split_whitespace()).collect();
    // Where one word has digits, the index is asked for those alone: the other words are in too many leads.
    let telling = words.iter().any(|word| longest_run_of_digits(word) >= 3);
    let mut all = Condition::all()
        .add(Column::OrganizationId.eq(session.organization))
        .add_option(session.of_client(Column::ClientId))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(source.as_ref().map(|source| Column::Source.eq(source.as_str())))
        .add_option(client_id.map(|id| Column::ClientId.eq(id.0)))
        .add_option(min_score.map(|points| lead_scores::Column::Total.gte(points)))
        // Use-cases look it up; should one forget, nobody is better than everybody.
        .add_option(
            segment_id
                .filter(|_| segment.is_none())
                .map(|_| Expr::val(1).eq(0)),
        )
        .add_option(
            lead_ids
                .as_ref()
                .map(|ids| Column::Id.in_subquery(named(session.organization, ids))),
        )
        .add_option(unopened.map(|campaign| Expr::exists(not_opened(session.organization, campaign))))
        .add_option(
            company
                .as_ref()
                .map(|part| like(format!("%\n%\n%{}%\n%", literally(part)))),
        )
        .add_option(created_from.map(|time| Column::CreatedAt.gte(time)))
        .add_option(created_before.map(|time| Column::CreatedAt.lt(time)))
        .add_option(updated_from.map(|time| Column::UpdatedAt.gte(time)));
    if !tags_any.is_empty() {
        all = all.add(dialect::json_array_overlaps(conn, Column::Tags, tags_any));
    }
    if !tags_all.is_empty() {
        all = all.add(dialect::json_array_contains(conn, Column::Tags, tags_all));
    }
    let mut found = Condition::all();
    for word in words {
        let pattern = format!("%{}%", literally(word));
        found = match rarest_part(word) {
            Some(part) => found
                .add(like(format!("%{}%", literally(part))))
                .add(unindexed(pattern)),
            None if telling && longest_run_of_digits(word) < 3 => found.add(unindexed(pattern)),
            None => found.add(like(pattern)),
        };
    }
    match text.as_deref().and_then(phone::searched) {
        // The number may have been typed in another way than it is searched for.
        Some(digits) => all.add(Condition::any().add(found).add(like(format!("%{digits}%")))),
        None => all.add(found),
    }
}

/// A mail of the campaign to the lead that was sent, and that no person has opened.
fn not_opened(organization: Uuid, campaign: CampaignId) -> SelectStatement {
    use email_messages::Column as Mail;
    sea_orm::sea_query::Query::select()
        .expr(Expr::val(1))
        .from(email_messages::Entity)
        .and_where(Mail::OrganizationId.eq(organization))
        .and_where(Mail::CampaignId.eq(campaign.0))
        .and_where(Expr::col(Mail::LeadId.as_column_ref()).equals(Column::Id.as_column_ref()))
        .and_where(Mail::Status.eq(MessageStatus::Sent.as_str()))
        .and_where(Mail::OpenedAt.is_null())
        .take()
}

/// Of leads that were merged since somebody named them, those that they are part of.
fn named(organization: Uuid, ids: &[LeadId]) -> SelectStatement {
    let ids = || ids.iter().map(|id| id.0);
    let merged = sea_orm::sea_query::Query::select()
        .column(lead_merges::Column::LeadId)
        .from(lead_merges::Entity)
        .and_where(lead_merges::Column::OrganizationId.eq(organization))
        .and_where(lead_merges::Column::OtherId.is_in(ids()))
        .take();
    sea_orm::sea_query::Query::select()
        .expr(Expr::col(("named", Column::Id)))
        .from_as(leads::Entity, "named")
        .and_where(Expr::col(("named", Column::OrganizationId)).eq(organization))
        .and_where(Expr::col(("named", Column::Id)).is_in(ids()))
        .union(UnionType::Distinct, merged)
        .take()
}

fn like(pattern: String) -> SimpleExpr {
    Expr::col(Column::SearchText.as_column_ref()).like(LikeExpr::new(pattern).escape('\\'))
}

/// The same, but not by the index.
fn unindexed(pattern: String) -> SimpleExpr {
    let text = Func::coalesce([Expr::col(Column::SearchText.as_column_ref()), Expr::val("")]);
    SimpleExpr::from(text).like(LikeExpr::new(pattern).escape('\\'))
}

/// Of a word with letters and at least three digits in a row: those digits, and what is around them up to the letters. The index
/// knows three signs at a time, and goes through all places of each; those of letters are many, where those of digits are few.
fn rarest_part(word: &str) -> Option<&str> {
    let part = word
        .split(char::is_alphabetic)
        .max_by_key(|part| longest_run_of_digits(part))?;
    (part.len() < word.len() && longest_run_of_digits(part) >= 3).then_some(part)
}

fn longest_run_of_digits(part: &str) -> usize {
    let runs = part.split(|sign: char| !sign.is_ascii_digit());
    runs.map(str::len).max().unwrap_or(0)
}

/// In lower case as the column is, and with the signs of LIKE meaning themselves.
fn literally(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len());
    for character in part.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(if character.is_control() { ' ' } else { character });
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_what_the_index_is_asked_for() {
        for (word, part) in [
            ("person123456@", Some("123456@")),
            ("a1b2c3456d", Some("3456")),
            ("über2024", Some("2024")),
            ("+49-30-1234567x", Some("+49-30-1234567")),
            ("ada@example.com", None),
            ("a12", None),
            ("123456", None),
            ("+4930123", None),
            ("", None),
        ] {
            assert_eq!(rarest_part(word), part, "{word}");
        }
    }
}
