//! How often the API can be used: per address, per API key or account, and per form.
//!
//! Every route belongs to a [`RouteClass`], by its method and address. What is counted by address is counted in [`limit`]
//! around the routes, what is counted by caller in the extractor `Auth`; only sign-in and forms are asked for by their
//! handlers, because they need to know more (whether the password was right; which form). Where the counts are kept is a port.

mod class;
mod headers;
mod middleware;
mod sign_in;

pub use class::RouteClass;
pub(crate) use middleware::limit;

use super::client_ip::ClientIp;
use actix_web::{HttpMessage, HttpRequest};
use groundswell_domain::limits::{Bucket, Rate, RateLimiter, Sharing, Standing};
use groundswell_domain::{Actor, Error, FormId};
use std::sync::Arc;

/// How often, by class.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    pub enabled: bool,
    /// Wrong passwords, per address.
    pub sign_in: Rate,
    pub registration: Rate,
    /// Mails with links, per address.
    pub recovery: Rate,
    /// Submissions, per address.
    pub public_form: Rate,
    /// Submissions, per form.
    pub form: Rate,
    /// Other addresses without credentials, per address.
    pub public: Rate,
    pub read: Rate,
    pub write: Rate,
    pub heavy: Rate,
    /// Everything that one address sends to one process.
    pub address: Rate,
}

/// Where counts are kept.
#[derive(Clone)]
pub struct Limiters {
    /// By all processes together, if there is a place for it.
    pub shared: Arc<dyn RateLimiter>,
    /// By this process: what protects the process itself.
    pub local: Arc<dyn RateLimiter>,
}

pub struct Limits {
    settings: LimitSettings,
    limiters: Limiters,
}

/// A limit that was asked, and what it said: for the headers of the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    policy: &'static str,
    rate: Rate,
    standing: Standing,
}

impl Limits {
    pub fn new(settings: LimitSettings, limiters: Limiters) -> Self {
        Self { settings, limiters }
    }

    /// Whether all processes count together.
    pub async fn sharing(&self) -> Sharing {
        self.limiters.shared.sharing().await
    }

    /// What comes from one address counts against its ceiling, whatever it is, and against the class.
    async fn by_address(&self, class: RouteClass, ip: ClientIp) -> Result<Option<Shown>, Shown> {
        let ceiling = [of_address("address", self.settings.address, ip)];
        let standings = self.limiters.local.take(&ceiling).await;
        refusal(&["address"], &ceiling, &standings)?;
        let Some(rate) = self.per_address(class) else {
            return Ok(None);
        };
        let bucket = [of_address(class.as_str(), rate, ip)];
        let standings = self.limiters.shared.take(&bucket).await;
        refusal(&[class.as_str()], &bucket, &standings)
    }

    /// Input that could not be used costs nothing where there is little to spend.
    async fn give_back(&self, class: RouteClass, ip: ClientIp) {
        if let (RouteClass::Registration | RouteClass::Recovery, Some(rate)) =
            (class, self.per_address(class))
        {
            let bucket = of_address(class.as_str(), rate, ip);
            self.limiters.shared.give_back(&[bucket]).await;
        }
    }

    fn per_address(&self, class: RouteClass) -> Option<Rate> {
        match class {
            RouteClass::Registration => Some(self.settings.registration),
            RouteClass::Recovery => Some(self.settings.recovery),
            RouteClass::Public => Some(self.settings.public),
            RouteClass::SignIn
            | RouteClass::PublicForm
            | RouteClass::Read
            | RouteClass::Write
            | RouteClass::Heavy
            | RouteClass::Unlimited => None,
        }
    }

    /// A caller who has proved who they are: an API key counts for itself, a person with all their sessions.
    pub(super) async fn caller(&self, request: &HttpRequest, actor: &Actor) -> Result<(), Error> {
        if !self.settings.enabled {
            return Ok(());
        }
        let (class, rate) = match RouteClass::of(request.method(), request.path()) {
            RouteClass::Read => (RouteClass::Read, self.settings.read),
            RouteClass::Heavy => (RouteClass::Heavy, self.settings.heavy),
            _ => (RouteClass::Write, self.settings.write),
        };
        let who = match actor {
            Actor::ApiKey { key, .. } => format!("key:{key}"),
            other => format!(
                "user:{}",
                other.user().map(|user| user.to_string()).unwrap_or_default()
            ),
        };
        let key = format!("{}:{who}", class.as_str());
        self.ask(request, &[class.as_str()], &[Bucket { key, rate }])
            .await
    }

    /// A visitor sends a form.
    pub async fn form(&self, request: &HttpRequest, ip: ClientIp, form: FormId) -> Result<(), Error> {
        if !self.settings.enabled {
            return Ok(());
        }
        let visitor = of_address(RouteClass::PublicForm.as_str(), self.settings.public_form, ip);
        let form = Bucket {
            key: format!("form:{form}"),
            rate: self.settings.form,
        };
        let names = [RouteClass::PublicForm.as_str(), "form"];
        self.ask(request, &names, &[visitor, form]).await
    }

    /// Asks, and remembers for the headers what was said.
    async fn ask(
        &self,
        request: &HttpRequest,
        names: &[&'static str],
        buckets: &[Bucket],
    ) -> Result<(), Error> {
        let standings = self.limiters.shared.take(buckets).await;
        match refusal(names, buckets, &standings) {
            Ok(shown) => {
                if let Some(shown) = shown {
                    show(request, shown);
                }
                Ok(())
            }
            Err(shown) => {
                show(request, shown);
                Err(limited(&shown))
            }
        }
    }
}

fn of_address(name: &'static str, rate: Rate, ip: ClientIp) -> Bucket {
    Bucket {
        key: format!("{name}:ip:{}", ip.bucket()),
        rate,
    }
}

fn limited(shown: &Shown) -> Error {
    Error::RateLimited {
        retry_after: shown.standing.retry_after,
    }
}

/// The limit with the least left, or the one that refuses.
fn refusal(
    names: &[&'static str],
    buckets: &[Bucket],
    standings: &[Standing],
) -> Result<Option<Shown>, Shown> {
    let all = names.iter().zip(buckets).zip(standings);
    let all = all.map(|((policy, bucket), standing)| Shown {
        policy,
        rate: bucket.rate,
        standing: *standing,
    });
    let refused = |shown: &Shown| !shown.standing.allowed;
    if let Some(shown) = all
        .clone()
        .filter(refused)
        .max_by_key(|shown| shown.standing.retry_after)
    {
        return Err(shown);
    }
    Ok(all.min_by_key(|shown| shown.standing.remaining))
}

/// Of several limits the answer tells of the one that refused, or has the least left.
fn show(request: &HttpRequest, shown: Shown) {
    let mut extensions = request.extensions_mut();
    let rank = |shown: &Shown| (shown.standing.allowed, shown.standing.remaining);
    if extensions
        .get::<Shown>()
        .is_none_or(|before| rank(&shown) <= rank(before))
    {
        extensions.insert(shown);
    }
}
