//! Between rows and the types of identity.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{api_keys, identity_links, one_time_tokens, organizations, sessions, users};
use groundswell_domain::StoreError;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::identity::{
    ApiKey, ApiKeyCredentials, IdentityLink, OneTimeToken, Organization, Session, User,
};
use groundswell_domain::money::Money;
use groundswell_domain::privacy::Retention;
use uuid::Uuid;

pub(super) fn organization(row: organizations::Model) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: row.id.into(),
        name: row.name,
        currency: parse("organizations.currency", &row.currency)?,
        time_zone: parse("organizations.time_zone", &row.time_zone)?,
        locale: parse("organizations.locale", &row.locale)?,
        retention: Retention {
            leads_inactive_days: row.keep_leads_days,
            submissions_days: row.keep_submissions_days,
            messages_days: row.keep_messages_days,
            events_days: row.keep_events_days,
            audit_days: row.keep_audit_days,
        },
        public_url: row
            .public_url
            .map(|text| parse("organizations.public_url", &text))
            .transpose()?,
        region: row
            .region
            .map(|text| parse("organizations.region", &text))
            .transpose()?,
        from: row
            .mail_from
            .map(|from| from_json("organizations.mail_from", from))
            .transpose()?,
        mailing: row
            .mailing
            .map(|value| from_json("organizations.mailing", value))
            .transpose()?
            .unwrap_or_default(),
        created_at: row.created_at,
        updated_at: row.updated_at.unwrap_or(row.created_at),
        version: row.version,
    })
}

pub(super) fn user(row: users::Model) -> Result<User, StoreError> {
    Ok(User {
        id: row.id.into(),
        organization_id: row.organization_id.into(),
        email: EmailAddress::from_trusted(row.email),
        name: row.name,
        role: parse("users.role", &row.role)?,
        client_id: row.client_id.map(Into::into),
        status: parse("users.status", &row.status)?,
        email_verified_at: row.email_verified_at,
        last_login_at: row.last_login_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn user_row(organization: Uuid, user: &User, password_hash: &str) -> users::Model {
    users::Model {
        organization_id: organization,
        id: user.id.0,
        email: user.email.as_str().to_owned(),
        email_key: user.email.key(),
        name: user.name.clone(),
        role: user.role.as_str().to_owned(),
        password_hash: password_hash.to_owned(),
        created_at: user.created_at,
        updated_at: user.updated_at,
        status: user.status.as_str().to_owned(),
        email_verified_at: user.email_verified_at,
        last_login_at: user.last_login_at,
        preferences: serde_json::Value::Object(serde_json::Map::new()),
        version: user.version,
        client_id: user.client_id.map(|id| id.0),
    }
}

pub(super) fn one_time(row: &one_time_tokens::Model) -> Result<OneTimeToken, StoreError> {
    Ok(OneTimeToken {
        id: row.id.into(),
        user_id: row.user_id.into(),
        purpose: parse("one_time_tokens.purpose", &row.purpose)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
    })
}

pub(super) fn one_time_row(organization: Uuid, token: &OneTimeToken) -> one_time_tokens::Model {
    one_time_tokens::Model {
        organization_id: organization,
        id: token.id.0,
        user_id: token.user_id.0,
        purpose: token.purpose.as_str().to_owned(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        used_at: token.used_at,
    }
}

pub(super) fn session(row: sessions::Model) -> Session {
    Session {
        id: row.id.into(),
        organization_id: row.organization_id.into(),
        user_id: row.user_id.into(),
        salt: row.salt,
        generation: row.generation,
        rotated_at: row.rotated_at,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
        user_agent: row.user_agent,
        ip: row.ip,
    }
}

pub(super) fn session_row(organization: Uuid, session: &Session) -> sessions::Model {
    sessions::Model {
        organization_id: organization,
        id: session.id.0,
        user_id: session.user_id.0,
        salt: session.salt.clone(),
        generation: session.generation,
        rotated_at: session.rotated_at,
        created_at: session.created_at,
        revoked_at: session.revoked_at,
        user_agent: session.user_agent.clone(),
        ip: session.ip.clone(),
    }
}

pub(super) fn api_key(row: api_keys::Model) -> Result<ApiKeyCredentials, StoreError> {
    let budget = match (row.budget, row.budget_currency) {
        (Some(minor), Some(currency)) => Some(Money {
            minor,
            currency: parse("api_keys.budget_currency", &currency)?,
        }),
        _ => None,
    };
    let last_used_ip = row.last_used_ip.as_deref();
    let key = ApiKey {
        id: row.id.into(),
        user_id: row.user_id.into(),
        name: row.name,
        prefix: row.prefix,
        scopes: from_json("api_keys.scopes", row.scopes)?,
        client_id: row.client_id.map(Into::into),
        ip_ranges: from_json("api_keys.ip_ranges", row.ip_ranges)?,
        budget,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_ip: last_used_ip
            .map(|ip| parse("api_keys.last_used_ip", ip))
            .transpose()?,
        replaces: row.replaces.map(Into::into),
        replaced_by: row.replaced_by.map(Into::into),
        created_at: row.created_at,
    };
    Ok(ApiKeyCredentials {
        key,
        secret_hash: row.secret_hash,
    })
}

pub(super) fn api_key_row(
    organization: Uuid,
    given: &ApiKeyCredentials,
) -> Result<api_keys::Model, StoreError> {
    let key = &given.key;
    Ok(api_keys::Model {
        organization_id: organization,
        id: key.id.0,
        user_id: key.user_id.0,
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        scopes: to_json(&key.scopes)?,
        secret_hash: given.secret_hash.clone(),
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        created_at: key.created_at,
        client_id: key.client_id.map(Into::into),
        ip_ranges: to_json(&key.ip_ranges)?,
        budget: key.budget.map(|budget| budget.minor),
        budget_currency: key.budget.map(|budget| budget.currency.as_str().to_owned()),
        last_used_ip: key.last_used_ip.map(|ip| ip.to_string()),
        replaces: key.replaces.map(Into::into),
        replaced_by: key.replaced_by.map(Into::into),
    })
}

pub(super) fn link_row(organization: Uuid, link: &IdentityLink) -> identity_links::Model {
    identity_links::Model {
        organization_id: organization,
        id: link.id.0,
        user_id: link.user_id.0,
        issuer: link.issuer.clone(),
        subject: link.subject.clone(),
        created_at: link.created_at,
        last_seen: link.last_seen,
    }
}
