//! Links in mails that come back to us: signed, so that nobody can make or change one.

use crate::App;
use groundswell_domain::campaigns::UtmTags;
use groundswell_domain::email::LinkTracker;
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::Lead;
use groundswell_domain::{MessageId, OrganizationId};
use serde_json::{Value, json};
use uuid::Uuid;

const OPEN: &str = "email-open";
const CLICK: &str = "email-click";
const UNSUBSCRIBE: &str = "email-unsubscribe";

/// The links of one mail.
pub(crate) struct TrackedLinks<'a> {
    app: &'a App,
    /// Where they lead, without a slash at the end.
    base: &'a str,
    identity: Vec<u8>,
    /// What links say about where visitors come from.
    tags: Option<&'a UtmTags>,
}

impl<'a> TrackedLinks<'a> {
    pub(crate) fn new(app: &'a App, organization: &'a Organization, message: MessageId) -> Self {
        let base = organization
            .public_url
            .as_ref()
            .unwrap_or(&app.settings.public_url);
        Self {
            app,
            base: base.as_str().trim_end_matches('/'),
            identity: [organization.id.0.as_bytes().as_slice(), message.0.as_bytes()].concat(),
            tags: None,
        }
    }

    /// Links without parameters of their own get these.
    pub(crate) fn tagged(self, tags: Option<&'a UtmTags>) -> Self {
        Self { tags, ..self }
    }

    pub(crate) fn unsubscribe_url(&self) -> String {
        self.address("u", &self.app.links.sign(UNSUBSCRIBE, &self.identity))
    }

    fn to(&self, url: &str) -> String {
        let payload = [self.identity.as_slice(), url.as_bytes()].concat();
        self.address("t/c", &self.app.links.sign(CLICK, &payload))
    }

    fn address(&self, path: &str, token: &str) -> String {
        format!("{}/{path}/{token}", self.base)
    }
}

impl LinkTracker for TrackedLinks<'_> {
    fn click(&self, url: &str) -> String {
        let tagged = self.tags.map(|tags| tags.tag(url));
        self.to(tagged.as_deref().unwrap_or(url))
    }

    fn pixel(&self) -> String {
        self.address("t/o", &self.app.links.sign(OPEN, &self.identity))
    }

    /// A click that leads nowhere: from outside it looks like any other.
    fn honeypot(&self) -> String {
        self.to("")
    }
}

/// An unsubscribe link for a mail that nobody gets: it looks like one and leads to none.
pub(super) fn nobodys_unsubscribe_url(app: &App, organization: &Organization) -> String {
    TrackedLinks::new(app, organization, MessageId(Uuid::nil())).address("u", "preview")
}

/// A link that someone followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Followed {
    pub organization: OrganizationId,
    pub message: MessageId,
    /// Of a click: where it leads.
    pub url: String,
}

impl Followed {
    pub fn is_honeypot(&self) -> bool {
        self.url.is_empty()
    }
}

pub(super) fn read_open(app: &App, token: &str) -> Option<Followed> {
    read(app, OPEN, token)
}

pub(super) fn read_click(app: &App, token: &str) -> Option<Followed> {
    read(app, CLICK, token)
}

pub(super) fn read_unsubscribe(app: &App, token: &str) -> Option<Followed> {
    read(app, UNSUBSCRIBE, token)
}

fn read(app: &App, purpose: &'static str, token: &str) -> Option<Followed> {
    let payload = app.links.verify(purpose, token)?;
    let (organization, rest) = payload.split_first_chunk::<16>()?;
    let (message, url) = rest.split_first_chunk::<16>()?;
    Some(Followed {
        organization: Uuid::from_bytes(*organization).into(),
        message: Uuid::from_bytes(*message).into(),
        url: String::from_utf8(url.to_vec()).ok()?,
    })
}

/// The object `lead` of merge fields.
pub(crate) fn merge_fields(lead: &Lead) -> Value {
    json!({
        "name": lead.name,
        "first_name": lead.name.split_whitespace().next().unwrap_or_default(),
        "email": lead.email.as_str(),
        "phone": lead.phone,
        "company": lead.company,
        "title": lead.title,
        "source": lead.source,
        "status": lead.status,
        "stage": lead.stage,
        // What an import, a form or somebody wrote down: nothing else tells.
        "language": lead.custom_fields.get("language"),
        "score": lead.score,
        "tags": lead.tags,
        "custom_fields": lead.custom_fields,
    })
}
