//! The library of templates that come with the program.

use super::commands::{StarterInput, TemplateInput};
use super::templates::made;
use crate::App;
use groundswell_domain::email::{SaveAs, Starter, Template, TemplateFormat, starters};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, Scope};

pub fn list_starters(scope: &Scope) -> Result<Vec<Starter>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(starters())
}

/// A template of the organization's own, to be changed at will: a draft, unless the caller wants it live.
pub async fn create_from_starter(app: &App, scope: &Scope, input: StarterInput) -> Result<Template, Error> {
    let starter = starters()
        .into_iter()
        .find(|starter| starter.key == input.starter);
    let starter = starter.ok_or_else(|| {
        let known: Vec<_> = starters().iter().map(|starter| starter.key).collect();
        Error::invalid("starter", format!("must be one of {}", known.join(", ")))
    })?;
    let template = TemplateInput {
        name: input.name.unwrap_or_else(|| starter.name.clone()),
        category: starter.category.clone(),
        subject: starter.subject.clone(),
        html: starter.mjml(),
        format: Some(TemplateFormat::Mjml),
        text: None,
        variables: starter.variables.clone(),
        status: Some(input.status.unwrap_or(SaveAs::Draft)),
    };
    made(app, scope, template, Outcome::Recorded).await
}
