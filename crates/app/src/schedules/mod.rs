//! Schedules: describing recurring work, running it by hand, and the scheduler that runs it by itself.

mod action;
mod commands;
mod manage;
mod run;
mod tick;

pub use commands::{NewSchedule, NewTrigger, RunStarted, SchedulePatch};
pub use manage::{
    create_schedule, delete_schedule, get_schedule, list_schedules, replace_schedule, update_schedule,
};
pub use run::{run_schedule, run_scheduled};
pub use tick::tick;

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "schedule" };
