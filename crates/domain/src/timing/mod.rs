//! When to reach a person: the hour of the week in which they are most likely to look.
//!
//! Empirical Bayes over contact and local hour. What a person's own opens and clicks say (humans' only, see
//! [`crate::user_agent`]) is added to what their organization's say, which counts as [`STRENGTH`] events of theirs: with nothing
//! known of the person the answer is the organization's hour, with much evidence it is the person's own, and it says how far it
//! leans on either. Conjugate updating of a Dirichlet prior: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.4; a
//! prior from the group that the person belongs to: Carlin and Louis, Bayesian Methods for Data Analysis, chapter 5.
//!
//! Mail and posts ask [`send_time`]; it knows no store and no clock. Instants are UTC, hours are local ones of the
//! person's zone, and everything counted is a number of events (of a share, after hours were smoothed).

mod hour;
mod hours;
mod model;
mod quiet;
mod send_time;
mod window;

pub use hour::{HOURS, HourOfWeek};
pub use hours::{HourCount, Hours};
pub use model::{FEWEST, Model, STRENGTH};
pub use quiet::QuietHours;
pub(crate) use send_time::next_hour;
pub use send_time::{Basis, SendTime, send_time, send_time_where};
pub use window::{LONGEST_DAYS, Window};
