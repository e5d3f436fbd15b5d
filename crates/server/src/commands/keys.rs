//! `groundswell keys`: what an operator does with the keys of stored secrets.

use super::open;
use crate::cli::KeysCommand;
use crate::compose::Composed;
use crate::config::Config;
use crate::pseudonyms;
use chrono::{DateTime, Utc};
use groundswell_app::secrets::{self, Progress, Unreadable};
use groundswell_domain::Error;
use groundswell_domain::secrets::Census;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often progress is told.
const EVERY: Duration = Duration::from_millis(500);

pub(super) async fn run(config: &Config, command: KeysCommand) -> Result<ExitCode, String> {
    let composed = open(config).await?;
    match command {
        KeysCommand::Rotate => rotate(&composed).await,
        KeysCommand::Status => status(&composed).await,
        KeysCommand::Verify => verify(&composed).await,
    }
}

async fn rotate(composed: &Composed) -> Result<ExitCode, String> {
    let app = &composed.app;
    let rotated = secrets::rotate(app, &mut teller("encrypted anew"))
        .await
        .map_err(|error| {
            format!(
                "stopped ({}); nothing is lost, and running it again goes on from here",
                cause(error)
            )
        })?;
    println!(
        "{} data keys put under the master key {}, {} new data keys, {} secrets encrypted anew",
        number(rotated.rewrapped),
        composed.keys.current_id(),
        number(rotated.keys),
        number(rotated.resealed)
    );
    if rotated.foreign == 0 {
        pseudonyms::rewrap(&composed.store, app.vault.as_ref(), app.now()).await?;
        composed.keys.settle(&composed.store, app.now()).await?;
        println!("no stored secret needs an old master key any more");
    } else {
        println!(
            "{} data keys still need another master key: give this process that key, and run it again",
            number(rotated.foreign)
        );
    }
    if rotated.unfinished > 0 {
        println!(
            "in {} organizations secrets were being changed all the time: run it again",
            number(rotated.unfinished)
        );
    }
    tell_unreadable(&rotated.unreadable);
    Ok(exit(rotated.is_complete()))
}

async fn status(composed: &Composed) -> Result<ExitCode, String> {
    let found = Overview::of(composed).await?;
    let keys = &composed.keys;
    println!("the current master key is {}", keys.current_id());
    if keys.is_being_replaced() {
        println!("the database still asks for an old one");
    }
    println!("{} secrets are stored", number(found.census.secrets));
    for (master, count) in &found.census.masters {
        let which = match master.as_str() {
            id if id == keys.current_id() => "the current master key",
            id if keys.knows(id) => "an old master key",
            _ => "a master key that is not here",
        };
        println!("{} data keys are under {which} ({master})", number(*count));
    }
    match found.rotation {
        Some(began) => println!(
            "a rotation that began at {} is not finished: {}",
            began.format("%Y-%m-%d %H:%M:%S UTC"),
            found.waiting()
        ),
        None => println!("no rotation is under way"),
    }
    Ok(exit(found.unknown.is_empty()))
}

async fn verify(composed: &Composed) -> Result<ExitCode, String> {
    let verified = secrets::verify(&composed.app, &mut teller("opened"))
        .await
        .map_err(cause)?;
    println!("{} secrets can be read", number(verified.opened));
    tell_unreadable(&verified.unreadable);
    Ok(exit(verified.unreadable.is_empty()))
}

/// How the keys of an installation are.
pub(super) struct Overview {
    pub census: Census,
    pub rotation: Option<DateTime<Utc>>,
    /// Ids of master keys that are needed and not here.
    pub unknown: Vec<String>,
    /// Data keys under old master keys that are here.
    old: u64,
}

impl Overview {
    pub async fn of(composed: &Composed) -> Result<Self, String> {
        let directory = composed.app.system.keys();
        let read = async {
            let rotation = directory.rotation().await?;
            Ok((directory.census(rotation).await?, rotation))
        };
        let (census, rotation) = read
            .await
            .map_err(|error: groundswell_domain::StoreError| error.to_string())?;
        let keys = &composed.keys;
        let others = || census.masters.iter().filter(|(id, _)| id != keys.current_id());
        Ok(Self {
            unknown: others()
                .filter(|(id, _)| !keys.knows(id))
                .map(|(id, _)| id.clone())
                .collect(),
            old: others()
                .filter(|(id, _)| keys.knows(id))
                .map(|(_, count)| count)
                .sum(),
            census,
            rotation,
        })
    }

    pub fn is_settled(&self) -> bool {
        self.rotation.is_none() && self.old == 0
    }

    /// What a rotation has to do.
    pub fn waiting(&self) -> String {
        format!(
            "{} data keys are under an old master key, {} of {} secrets wait to be encrypted anew",
            number(self.old),
            number(self.census.waiting),
            number(self.census.secrets)
        )
    }
}

/// Tells progress on standard error: the first and the last, and one now and then between.
fn teller(what: &'static str) -> impl FnMut(Progress) + Send {
    let mut told: Option<Instant> = None;
    move |progress| {
        if progress.done >= progress.total || told.is_none_or(|at| at.elapsed() >= EVERY) {
            told = Some(Instant::now());
            eprintln!(
                "{} of {} secrets {what}",
                number(progress.done),
                number(progress.total)
            );
        }
    }
}

fn tell_unreadable(all: &[Unreadable]) {
    for one in all {
        match one.secret {
            Some(id) => println!("secret {id} of organization {}: {}", one.organization, one.reason),
            None => println!("organization {}: {}", one.organization, one.reason),
        }
    }
    if !all.is_empty() {
        println!(
            "{} can't be read and were left as they are: put those values again, or delete them",
            number(all.len() as u64)
        );
    }
}

fn exit(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What is behind an internal error: nobody but the operator reads this.
fn cause(error: Error) -> String {
    match error {
        Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    }
}

/// With commas between the thousands.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_in_threes() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_000, "12,000"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
