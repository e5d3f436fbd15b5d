//! Recurring work, and when it is due.
//!
//! A [`Trigger`] says at which moments, a [`Policy`] what becomes of moments that nobody was there for. Both know no store and
//! no clock. A [`Schedule`] is what an organization keeps: both of them, and what is to be done ([`ScheduledAction`]).
//!
//! A scheduler adds the job of a run in the transaction in which the schedule moves on to its next moment, under a lock of its
//! row: however many schedulers there are, no moment is run twice and none is lost.
//!
//! Clocks that are set forward and back (daylight saving): a date and an interval are moments and lengths of real time, which
//! know nothing of it. A cron expression means the clock on the wall of its zone, and keeps the rules of Vixie cron:
//! - an hour that does not exist: what has a fixed hour and minute (`30 2 * * *`) runs at the first moment after it, what repeats
//!   (`*/15 * * * *`) goes on after it;
//! - an hour that comes twice: what has a fixed hour and minute runs the first time only, what repeats runs in both.

mod action;
mod due;
mod ports;
mod run;
mod schedule;
mod trigger;

pub use action::ScheduledAction;
pub use due::{Due, Policy};
pub use ports::{DueSchedule, ScheduleDirectory, ScheduleRepo};
pub use run::{RunSchedule, unique_key};
pub use schedule::{RunOutcome, Schedule, ScheduleSort};
pub use trigger::{SHORTEST_INTERVAL, Trigger, TriggerError};
