//! `groundswell email`: what a mail server hands over.

use crate::cli::BounceArgs;
use crate::compose::{self, Schema};
use crate::config::Config;
use crate::telemetry;
use groundswell_app::email::{self, TakenBounce};
use groundswell_domain::email::bounce::MOST;
use groundswell_domain::{Error, OrganizationId};
use std::io::{Read, sink, stdin};
use std::process::ExitCode;

// sysexits.h.
const USAGE: u8 = 64;
const NO_INPUT: u8 = 66;
/// The mail server keeps the mail, and tries again.
const TRY_AGAIN: u8 = 75;

/// A returned mail is returned to nobody, so that whatever a person can mend asks for another try: a database that is away, and also a wrong setting.
pub(super) async fn bounce(config: Result<Config, String>, args: BounceArgs) -> Result<ExitCode, String> {
    let mail = match read() {
        Ok(mail) => mail,
        Err(error) => return Ok(ended(TRY_AGAIN, &format!("the mail can't be read: {error}"))),
    };
    if mail.is_empty() {
        return Ok(ended(NO_INPUT, "there is no mail on standard input"));
    }
    let composed = async {
        let config = config?;
        telemetry::init(&config.log)?;
        compose::compose(&config, Schema::AsItIs).await
    };
    let app = match composed.await {
        Ok(composed) => composed.app,
        Err(error) => return Ok(ended(TRY_AGAIN, &error)),
    };
    let organization = args.organization.map(OrganizationId::from);
    let of_server = ["ORIGINAL_RECIPIENT", "RECIPIENT"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    let delivered_to: Vec<String> = args.recipient.into_iter().chain(of_server).collect();
    match email::take_returned(&app, organization, &delivered_to, &mail).await {
        Ok(Some(taken)) if taken.is_empty() => {
            println!("this mail tells of none that came back");
            Ok(ExitCode::SUCCESS)
        }
        Ok(Some(taken)) => {
            for taken in &taken {
                println!("{}", line(taken));
            }
            Ok(ExitCode::SUCCESS)
        }
        Ok(None) => {
            println!("it is not known whose mail came back; --organization would say it");
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::NotFound { what: "organization" }) => Ok(ended(
            USAGE,
            "there is no organization with the id of --organization",
        )),
        Err(Error::Internal(source)) => Ok(ended(TRY_AGAIN, &source.to_string())),
        Err(error) => Ok(ended(TRY_AGAIN, &error.to_string())),
    }
}

/// As much as is looked at; the rest is taken, too, as mail servers don't like programs that stop reading.
fn read() -> std::io::Result<Vec<u8>> {
    let (mut input, mut mail) = (stdin().lock(), Vec::new());
    (&mut input).take(MOST as u64).read_to_end(&mut mail)?;
    std::io::copy(&mut input, &mut sink())?;
    Ok(mail)
}

fn ended(code: u8, said: &str) -> ExitCode {
    eprintln!("groundswell: {said}");
    ExitCode::from(code)
}

/// Without the address: mail servers write into their logs what programs say.
fn line(taken: &TakenBounce) -> String {
    let message = taken
        .message_id
        .map_or_else(|| "an unknown mail".to_owned(), |id| format!("mail {id}"));
    let then = match (taken.repeated, taken.suppressed) {
        (true, _) => "; known already".to_owned(),
        (false, Some(reason)) => format!("; suppressed ({reason})"),
        (false, None) => String::new(),
    };
    format!("{message}: {} ({}){then}", taken.kind, taken.reason)
}
