//! Reads an expression, with everything that is wrong with it as errors of its field.

use groundswell_domain::segments::{Condition, Fault};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FieldError, Repos};
use std::fmt::Display;

const FIELD: &str = "expression";

/// A condition all of whose references exist; what is wrong goes to `problems`.
pub(super) async fn read<R: Repos + ?Sized>(
    repos: &R,
    text: &str,
    problems: &mut Problems,
) -> Result<Option<Condition>, Error> {
    let condition = match Condition::parse(text) {
        Ok(condition) => condition,
        Err(fault) => {
            problems.push(wrong(fault));
            return Ok(None);
        }
    };
    let wanted = condition.references();
    if !wanted.is_empty() {
        let known = repos.segments().known(&wanted).await?;
        let mut missing = |what: &str, id: &dyn Display| {
            problems.add(FIELD, format!("there is no {what} {id}"));
        };
        wanted
            .forms
            .difference(&known.forms)
            .for_each(|id| missing("form", id));
        wanted
            .campaigns
            .difference(&known.campaigns)
            .for_each(|id| missing("campaign", id));
        wanted
            .clients
            .difference(&known.clients)
            .for_each(|id| missing("client", id));
    }
    Ok(Some(condition))
}

fn wrong(fault: Fault) -> FieldError {
    FieldError::new(FIELD, fault.message).at(fault.position)
}
