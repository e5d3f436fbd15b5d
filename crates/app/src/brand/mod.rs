//! The brand of an organization: what mails say of it.

use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::brand::{Brand, BrandColors, OrganizationBrand};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Scope};
use serde::Deserialize;

/// Everything that is said of a brand; what is absent is not said.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrandInput {
    /// The organization's name when absent.
    pub name: Option<String>,
    pub colors: BrandColors,
    /// An https address of a picture for a light background.
    pub logo_url: Option<String>,
    /// The same for a dark background.
    pub logo_dark_url: Option<String>,
    pub website: Option<String>,
    /// Where letters reach the organization.
    pub address: Option<String>,
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: Option<String>,
    pub phone: Option<String>,
}

pub async fn get_brand(app: &App, scope: &Scope) -> Result<OrganizationBrand, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).brands().get().await?)
}

pub async fn replace_brand(
    app: &App,
    scope: &Scope,
    input: BrandInput,
    expected: Option<i32>,
) -> Result<OrganizationBrand, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let mut problems = Problems::new();
    let brand = Brand {
        name: input.name,
        colors: input.colors,
        logo_url: input.logo_url,
        logo_dark_url: input.logo_dark_url,
        website: input.website,
        address: input.address,
        email: input.email,
        phone: input.phone,
    }
    .checked(&mut problems);
    problems.finish()?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let before = unit.brands().get().await?;
    version::check("brand", before.version, expected)?;
    let written = unit.brands().put(&brand, before.version, now).await?;
    version::written("brand", written, before.version)?;
    let after = OrganizationBrand {
        brand,
        updated_at: Some(now),
        version: before.version + 1,
    };
    let (old, new) = audit::changes(&before, &after)?;
    let event = Event::of(AuditAction::BrandUpdated, scope.organization)
        .before(old)
        .after(new);
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &after).await?;
    Ok(after)
}
