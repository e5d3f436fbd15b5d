//! A finished page, and the headers it needs.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY};
use url::Url;

/// HTML with the policy that fits it.
#[derive(Debug)]
pub struct HtmlPage {
    pub html: String,
    pub policy: String,
}

impl HtmlPage {
    /// A page that loads nothing, posts to this server only, and can't be framed. Its address may hold a token, which goes
    /// nowhere.
    pub(super) fn closed(html: String) -> Self {
        Self {
            html,
            policy: policy("form-action 'self'; frame-ancestors 'none'"),
        }
    }

    /// A page that people may embed into theirs. It holds nothing that a click could be stolen from. Browsers apply
    /// `form-action` to the redirect after a post as well, so the target's origin is let in; so is that of a picture.
    pub(super) fn embeddable(html: String, redirect: Option<&Url>, picture: Option<&Url>) -> Self {
        let origin = |url: &Url| format!(" {}", url.origin().ascii_serialization());
        let target = redirect.map(origin).unwrap_or_default();
        let picture = picture
            .map(|url| format!("img-src{}; ", origin(url)))
            .unwrap_or_default();
        let script = "script-src 'self'; connect-src 'self'";
        Self {
            html,
            policy: policy(&format!(
                "{script}; {picture}form-action 'self'{target}; frame-ancestors *"
            )),
        }
    }

    /// A page that previews a mail: a frame inherits the policy, and mails have pictures and inline styles.
    pub(super) fn preview(html: String) -> Self {
        let more = "img-src http: https: data:; font-src http: https: data:; form-action 'none'; frame-ancestors 'none'";
        Self {
            html,
            policy: policy(more),
        }
    }

    /// What somebody else wrote, as a page of its own: it runs nothing, and belongs to no origin.
    pub(super) fn sandboxed(html: String) -> Self {
        let more = "img-src http: https: data:; font-src http: https: data:; form-action 'none'; frame-ancestors 'none'; sandbox";
        Self {
            html,
            policy: policy(more),
        }
    }

    pub fn respond(self, status: StatusCode) -> HttpResponse {
        let mut response = HttpResponse::build(status);
        if self.policy.contains("frame-ancestors 'none'") {
            response.insert_header((REFERRER_POLICY, "no-referrer"));
        }
        response
            .insert_header(ContentType::html())
            .insert_header((CONTENT_SECURITY_POLICY, self.policy))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.html)
    }
}

fn policy(more: &str) -> String {
    format!("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; {more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_redirect_to_its_own_target_only() {
        let target = Url::parse("https://shop.example/thanks?x=1; script-src *").unwrap();
        let picture = Url::parse("https://pictures.example/logo.svg").unwrap();
        let page = HtmlPage::embeddable(String::new(), Some(&target), Some(&picture));
        assert!(
            page.policy
                .contains("form-action 'self' https://shop.example; frame-ancestors *"),
            "{}",
            page.policy
        );
        assert!(
            page.policy.contains("img-src https://pictures.example;"),
            "{}",
            page.policy
        );
        assert!(page.policy.contains("script-src 'self';") && !page.policy.contains("script-src *"));
        assert!(
            HtmlPage::embeddable(String::new(), None, None)
                .policy
                .contains("form-action 'self';")
        );
    }
}
