//! What becomes of leads: funnel, conversion, speed, cohorts, and why deals are won and lost.
//!
//! Every number is the size of a [`LeadSet`], and says which one, so that whoever doubts it can list the leads behind it.

mod cohort;
mod conversion;
mod cox;
mod funnel;
mod goal;
mod interval;
mod outcomes;
mod ports;
mod set;
mod survival;
mod velocity;

pub use cohort::{Cohort, CohortMonth, CohortTable};
pub use conversion::{Conversion, Dimension};
pub use cox::{CoxModel, HazardRatio, cox};
pub use funnel::{Funnel, FunnelStage};
pub use goal::{GoalFigures, GoalOf, GoalPart, GoalRule, GoalSet, Valued};
pub use interval::{Share, wilson};
pub use outcomes::{Outcome, OutcomeReason, OutcomeReport};
pub use ports::*;
pub use set::{Counted, LeadSet, SetSort};
pub use survival::{Survival, SurvivalPoint, TimeToConvert, kaplan_meier};
pub use velocity::{StageSpeed, Velocity};
