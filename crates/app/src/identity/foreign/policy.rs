//! How far the word of a trusted issuer counts: decided by the operator.

use groundswell_domain::OrganizationId;
use groundswell_domain::identity::Role;

/// What becomes of people who have no account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Newcomers {
    /// They are refused.
    #[default]
    Refused,
    /// They join the issuer's organization with this role. Without an organization they are refused.
    Members(Role),
    /// They get an organization of their own, as its `company_admin`. Not when the issuer has an organization.
    Founders,
}

/// By default: for accounts that are there, in every organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IssuerPolicy {
    /// The one organization whose people it vouches for: it can open no account of another one. `None`: of all.
    pub organization: Option<OrganizationId>,
    pub newcomers: Newcomers,
}
