//! What becomes of those inside when they are moved to another version.

use super::definition::{Definition, Step};
use super::enrollment::{Enrollment, ExitReason, Phase};
use chrono::{DateTime, Utc};

/// The same enrollment on another version: at the step of the same name, else at the nearest one that came after it in the old
/// version and is in the new one; without any it leaves. What it waited for is asked anew from when it came to its step.
#[must_use]
pub fn moved(
    enrollment: &Enrollment,
    old: &Definition,
    (new, version): (&Definition, i32),
    now: DateTime<Utc>,
) -> Enrollment {
    let mut at = enrollment.clone();
    if !at.is_active() {
        return at;
    }
    at.version = version;
    let from = old.place(&at.step).unwrap_or(old.steps.len());
    let kept = old
        .steps
        .iter()
        .skip(from)
        .find(|step| new.step(step.id()).is_some());
    let Some(kept) = kept else {
        let note = format!("step `{}` is gone, and so is all that came after it", at.step);
        at.exit(ExitReason::Moved, Some(note), now);
        return at;
    };
    let same = kept.id() == at.step;
    let kind = |definition: &Definition| definition.step(kept.id()).map(Step::kind);
    if same && kind(old) == kind(new) && matches!(at.phase, Phase::Calling | Phase::Answered | Phase::Refused)
    {
        return at;
    }
    if !same {
        kept.id().clone_into(&mut at.step);
        // Another place: whoever still works for the one before must see that.
        at.taken += 1;
        at.arrived_at = now;
    }
    // Who has not just come there is not counted as coming a second time.
    at.phase = if same && at.phase != Phase::Arrived {
        Phase::Waiting
    } else {
        Phase::Arrived
    };
    at.attempt = 0;
    at.due_at = None;
    at.wake_at = Some(now);
    at
}
