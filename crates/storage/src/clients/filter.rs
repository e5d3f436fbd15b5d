//! Which clients a filter means, as SQL.

use crate::dialect;
use crate::entity::clients::Column;
use crate::session::Session;
use groundswell_domain::clients::ClientFilter;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};

/// Every condition that is set, among what the session sees.
pub(super) fn condition<C: ConnectionTrait>(session: &Session<C>, filter: &ClientFilter) -> Condition {
    // All fields are named, so that a new one can't be forgotten.
    let ClientFilter {
        name,
        industry,
        country,
        status,
        revenue,
        min_employees,
        max_employees,
        created_after,
        created_before,
    } = filter;
    let mut all = Condition::all()
        .add(Column::OrganizationId.eq(session.organization))
        .add_option(session.of_client(Column::Id))
        .add_option(
            name.as_ref()
                .map(|part| dialect::contains(&session.conn, Column::Name, part)),
        )
        .add_option(
            industry
                .as_ref()
                .map(|industry| Column::Industry.eq(industry.as_str())),
        )
        .add_option(country.map(|country| Column::Country.eq(country.as_str())))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(min_employees.map(|count| Column::Employees.gte(count)))
        .add_option(max_employees.map(|count| Column::Employees.lte(count)))
        .add_option(created_after.map(|time| Column::CreatedAt.gt(time)))
        .add_option(created_before.map(|time| Column::CreatedAt.lt(time)));
    if let Some(range) = revenue {
        all = all
            .add(Column::AnnualRevenue.is_not_null())
            .add(Column::Currency.eq(range.currency.as_str()))
            .add_option(range.min.map(|minor| Column::AnnualRevenue.gte(minor)))
            .add_option(range.max.map(|minor| Column::AnnualRevenue.lte(minor)));
    }
    all
}
