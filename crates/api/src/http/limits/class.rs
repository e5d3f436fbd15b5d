//! Which limits a route falls under.

use actix_web::http::Method;

/// A kind of route. What needs credentials falls into one by itself: reads, writes, and what the names in [`HEAVY`] say.
/// What needs none must be named here; a test over the `OpenAPI` document fails until it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RouteClass {
    /// Wrong passwords, per address and per account.
    SignIn,
    /// Per address.
    Registration,
    /// Sends mails with links: per address.
    Recovery,
    /// Per address and per form.
    PublicForm,
    /// Needs no credentials: per address.
    Public,
    /// Per API key, or per account.
    Read,
    /// Per API key, or per account.
    Write,
    /// Exports, imports, bulk changes, and what calls an LLM: per API key, or per account.
    Heavy,
    /// Never refused: links in mails (RFC 8058 and the law want unsubscription to work), and what orchestrators ask.
    Unlimited,
}

/// A part of the address that means much work.
const HEAVY: [&str; 10] = [
    "export",
    "data-export",
    "import",
    "errors",
    "kept",
    "undo",
    "bulk",
    "generate",
    "completions",
    "mcp",
];

const UNLIMITED: [&str; 6] = ["/u/", "/t/", "/api/health", "/livez", "/readyz", "/metrics"];

const PUBLIC: [&str; 14] = [
    "/f/",
    "/preview/",
    "/api/lead-capture/events/",
    "/api/lead-capture/partial/",
    "/account/",
    "/docs",
    "/dev/",
    "/api/openapi.json",
    "/api/email/webhooks/",
    "/api/auth/refresh",
    "/api/auth/logout",
    "/api/auth/invitations/accept",
    "/api/auth/password/reset",
    "/api/auth/email/verify",
];

impl RouteClass {
    /// `path` without a version and without a slash at its end: as requests are after normalization, and as the document has
    /// it.
    pub fn of(method: &Method, path: &str) -> Self {
        match path {
            "/api/auth/login" | "/api/auth/token" | "/api/auth/password/change" | "/api/user/account" => {
                return Self::SignIn;
            }
            "/api/auth/register" => return Self::Registration,
            "/api/auth/password/forgot" | "/api/auth/email/verify/request" => return Self::Recovery,
            _ if path.starts_with("/api/lead-capture/webhook/") => return Self::PublicForm,
            _ if path.starts_with("/api/lead-capture/forms/") && path.ends_with("/challenge") => {
                return Self::Public;
            }
            _ => {}
        }
        let starts = |names: &[&str]| names.iter().any(|name| path.starts_with(name));
        if starts(&UNLIMITED) {
            Self::Unlimited
        } else if starts(&PUBLIC) || !path.starts_with("/api/") {
            Self::Public
        } else if path.split('/').any(|part| HEAVY.contains(&part)) {
            Self::Heavy
        } else if *method == Method::GET || *method == Method::HEAD {
            Self::Read
        } else {
            Self::Write
        }
    }

    /// In settings, headers and the `OpenAPI` document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Registration => "registration",
            Self::Recovery => "recovery",
            Self::PublicForm => "public_form",
            Self::Public => "public",
            Self::Read => "read",
            Self::Write => "write",
            Self::Heavy => "heavy",
            Self::Unlimited => "unlimited",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_from_method_and_address() {
        for (method, path, class) in [
            (Method::GET, "/api/leads", RouteClass::Read),
            (Method::GET, "/api/leads/export", RouteClass::Heavy),
            (Method::POST, "/api/campaigns/bulk/create", RouteClass::Heavy),
            (Method::POST, "/api/leads", RouteClass::Write),
            (Method::DELETE, "/api/clients/1", RouteClass::Write),
            (Method::GET, "/api/things/of/tomorrow", RouteClass::Read),
            (Method::GET, "/u/export", RouteClass::Unlimited),
            (Method::POST, "/u/token", RouteClass::Unlimited),
            (Method::GET, "/api/health/status", RouteClass::Unlimited),
            (
                Method::POST,
                "/api/auth/email/verify/request",
                RouteClass::Recovery,
            ),
            (Method::POST, "/api/auth/email/verify", RouteClass::Public),
            (Method::GET, "/nothing", RouteClass::Public),
        ] {
            assert_eq!(RouteClass::of(&method, path), class, "{method} {path}");
        }
    }
}
