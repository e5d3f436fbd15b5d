//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Self-hosted AI marketing platform: capture leads, score them, run campaigns, see what they earned.
#[derive(Debug, Parser)]
#[command(name = "groundswell", version)]
pub struct Cli {
    /// A file with settings that differ from the defaults (see config/default.toml).
    #[arg(long, global = true, env = "GROUNDSWELL_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Migrate, then serve the API and run jobs in one process (the default).
    Serve,
    /// Serve the API only. Run `migrate` before, and a `worker` beside it.
    Api,
    /// Run jobs only.
    Worker,
    /// Bring the database up to date.
    Migrate,
    /// Print the `OpenAPI` document.
    Openapi,
    /// Manage accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Fill a new organization with believable data.
    Demo(DemoArgs),
    /// Bring data in from files.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look after the keys that stored secrets are encrypted with.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Forget people, also in databases that were restored from a backup.
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// Stop all mail, and let it leave again: after a restore, or by hand.
    #[command(subcommand)]
    Sending(SendingCommand),
    /// Take what a mail server hands over.
    #[command(subcommand)]
    Email(EmailCommand),
    /// Check configuration, database, migrations, mail, keys, trusted issuers and clock; say what is wrong and what to do.
    Doctor,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum KeysCommand {
    /// Give every organization a new data key under the current master key, and encrypt all secrets anew. Works beside
    /// running servers; stopped at any point, it goes on when it is run again.
    Rotate,
    /// Tell which master keys are in use, and whether a rotation is under way.
    Status,
    /// Open every secret, to see whether all of them can be read. Shows none.
    Verify,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum SendingCommand {
    /// Tell whether mail leaves.
    Status,
    /// Let no mail leave any more, of no organization; it works within some seconds. Mails wait.
    Stop,
    /// Let mail leave again.
    Resume(ResumeArgs),
}

#[derive(Debug, Subcommand)]
pub enum EmailCommand {
    /// Read a mail that came back from standard input, as `POST /api/email/bounces` does: for the alias or the transport of a mail server. Exits as
    /// sysexits.h says: 75 whenever it should be tried again.
    Bounce(BounceArgs),
}

#[derive(Debug, Args)]
pub struct BounceArgs {
    /// The id of the organization that it is for. Absent: the one whose mail came back, or the only one that there is.
    #[arg(long, value_name = "ID")]
    pub organization: Option<uuid::Uuid>,
    /// An address that it was delivered to: with `email.return_address` it tells which mail came back. Can be repeated. The variables `ORIGINAL_RECIPIENT` and
    /// `RECIPIENT`, which mail servers set, are looked at, too.
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Vec<String>,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct ResumeArgs {
    /// What becomes of the mails that wait. After a restore it must be said: they may have been sent since the backup was made.
    #[arg(long)]
    pub queued: Option<QueuedMails>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum QueuedMails {
    /// They are sent: some people may get a mail twice.
    Send,
    /// They become `unknown` and are not sent: some people may not get a mail.
    Unknown,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an organization with one person in it.
    Create(UserArgs),
}

#[derive(Debug, Args)]
pub struct UserArgs {
    #[arg(long)]
    pub email: String,
    #[arg(long)]
    pub name: String,
    #[arg(long)]
    pub organization: String,
    /// `superadmin`, `company_admin`, `content_manager`, `content_writer` or `client`.
    #[arg(long, default_value = "company_admin")]
    pub role: String,
    /// Read from the variable `GROUNDSWELL_PASSWORD`, or from standard input, when absent: others can see command lines.
    #[arg(long, env = "GROUNDSWELL_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Who signs in to the demo organization.
    #[arg(long, default_value = "demo@groundswell.example")]
    pub email: String,
    /// Made up and printed when absent.
    #[arg(long, env = "GROUNDSWELL_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import leads from a CSV file.
    Leads(ImportLeadsArgs),
}

#[derive(Debug, Subcommand)]
pub enum PrivacyCommand {
    /// Erase what the journal says was erased and the database, restored from a backup, does not know of.
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A journal, `erasures.jsonl` in the data folder when absent. Can be repeated: each process writes one of its own.
    #[arg(long, value_name = "FILE")]
    pub journal: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ImportLeadsArgs {
    pub file: PathBuf,
    /// Mail address of a person in the organization that gets the leads.
    #[arg(long)]
    pub user: String,
    /// Put on every lead; comma separated.
    #[arg(long, value_delimiter = ',')]
    pub tags: Vec<String>,
    /// A column and the field it fills, as `COLUMN=FIELD`. Can be repeated.
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub mapping: Vec<String>,
}
