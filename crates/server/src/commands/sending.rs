//! `groundswell sending`: whether mail leaves.

use super::keys::number;
use super::open;
use crate::cli::{QueuedMails, SendingCommand};
use crate::config::Config;
use groundswell_app::email::{self, Queued};
use groundswell_domain::Error;
use std::process::ExitCode;

pub(super) async fn run(config: &Config, command: SendingCommand) -> Result<ExitCode, String> {
    let app = open(config).await?.app;
    let done = match command {
        SendingCommand::Status => email::sending_halt(&app).await.map(|halt| match halt {
            Some(halt) => halt.sentence(),
            None => "mail leaves".to_owned(),
        }),
        SendingCommand::Stop => email::stop_sending(&app).await.map(|stopped| {
            if stopped {
                "no mail leaves any more, within some seconds".to_owned()
            } else {
                "it was stopped already".to_owned()
            }
        }),
        SendingCommand::Resume(args) => {
            let queued = args.queued.map(|queued| match queued {
                QueuedMails::Send => Queued::Send,
                QueuedMails::Unknown => Queued::Unknown,
            });
            let resumed = email::resume_sending(&app, queued).await;
            resumed.map(|doubted| format!("mail leaves again; {} mails became unknown", number(doubted)))
        }
    };
    println!("{}", done.map_err(explain)?);
    Ok(ExitCode::SUCCESS)
}

fn explain(error: Error) -> String {
    match error {
        Error::Conflict {
            code: "say_what_becomes_of_queued",
            message,
        } => format!(
            "{message}: --queued unknown (nobody gets a mail twice, some may get none), or --queued send (the other way round)"
        ),
        Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    }
}
