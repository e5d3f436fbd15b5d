//! The transport that the configuration asks for.

use crate::config::{Config, Email, MailServer as Described, ServerKind, Transport};
use groundswell_domain::SystemStore;
use groundswell_domain::email::Mailer;
use groundswell_domain::platform::Clock;
use groundswell_email::{
    MailServer, Mailgun, OutboxMailer, Rate, Resend, SendGrid, Sender, ServerOptions, ServersMailer, Ses,
    SmtpSettings, over_http, smtp,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// Reads the settings of mail, and says which one is wrong.
pub fn mailer(
    config: &Config,
    store: Arc<dyn SystemStore>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Mailer>, String> {
    let email = &config.email;
    let sender: Sender = email
        .from
        .parse()
        .map_err(|error: String| format!("the setting email.from is wrong: {error}"))?;
    if email.transport == Transport::Outbox {
        return Ok(Arc::new(OutboxMailer::new(store, sender, clock)));
    }
    let mut servers = Vec::new();
    if !email.smtp_url.expose_secret().is_empty() {
        let options = ServerOptions {
            name: "smtp".into(),
            weight: 1,
            rate: None,
        };
        let server = over_smtp(&email.smtp_url, options, email.connections)
            .map_err(|error| format!("the setting email.smtp_url is wrong: {error}"))?;
        servers.push(server);
    }
    for described in &email.servers {
        let server = server(email, described, clock.clone()).map_err(|error| {
            format!(
                "the server {:?} of email.servers is wrong: {error}",
                described.name
            )
        })?;
        servers.push(server);
    }
    let returns = config.return_address()?;
    Ok(Arc::new(
        ServersMailer::new(servers, sender, clock, store).returning_to(returns),
    ))
}

fn over_smtp(url: &SecretString, options: ServerOptions, connections: usize) -> Result<MailServer, String> {
    let settings: SmtpSettings = url.expose_secret().parse()?;
    smtp(options, settings.with_connections(connections))
}

fn server(email: &Email, described: &Described, clock: Arc<dyn Clock>) -> Result<MailServer, String> {
    let rate = |mails: Option<f64>, seconds| {
        mails.map(|mails| Rate {
            mails,
            within: Duration::from_secs(seconds),
        })
    };
    let options = ServerOptions {
        name: described.name.clone(),
        weight: described.weight,
        rate: rate(described.per_second, 1).or(rate(described.per_minute, 60)),
    };
    let connections = described.connections.unwrap_or(email.connections);
    let url = described.url.expose_secret().trim_end_matches('/');
    let base = |usual: &str| {
        if url.is_empty() {
            usual.to_owned()
        } else {
            url.to_owned()
        }
    };
    let key = described.key.clone();
    match described.kind {
        ServerKind::Smtp => over_smtp(&described.url, options, connections),
        ServerKind::Sendgrid => {
            let base = base("https://api.sendgrid.com");
            over_http(options, SendGrid { base, key }, connections, clock)
        }
        ServerKind::Mailgun => {
            let (base, domain) = (
                base("https://api.mailgun.net"),
                described.domain.clone().unwrap_or_default(),
            );
            over_http(options, Mailgun { base, key, domain }, connections, clock)
        }
        ServerKind::Resend => {
            let base = base("https://api.resend.com");
            over_http(options, Resend { base, key }, connections, clock)
        }
        ServerKind::Ses => {
            let ses = Ses::new(
                (!url.is_empty()).then(|| url.to_owned()),
                described.region.clone().unwrap_or_default(),
                key.expose_secret(),
                described.configuration_set.clone(),
            )?;
            over_http(options, ses, connections, clock)
        }
    }
}
