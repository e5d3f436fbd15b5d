//! When recurring work is due.
//!
//! A [`Trigger`] says at which moments, a [`Policy`] what becomes of moments that nobody was there for. Both know no store and
//! no clock.
//!
//! Clocks that are set forward and back (daylight saving): a date and an interval are moments and lengths of real time, which
//! know nothing of it. A cron expression means the clock on the wall of its zone, and keeps the rules of Vixie cron:
//! - an hour that does not exist: what has a fixed hour and minute (`30 2 * * *`) runs at the first moment after it, what repeats
//!   (`*/15 * * * *`) goes on after it;
//! - an hour that comes twice: what has a fixed hour and minute runs the first time only, what repeats runs in both.

mod due;
mod trigger;

pub use due::{Due, Policy};
pub use trigger::{SHORTEST_INTERVAL, Trigger, TriggerError};
