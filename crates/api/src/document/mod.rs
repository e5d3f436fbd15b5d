//! The `OpenAPI` document and the page that shows it. It is rendered from the handlers themselves, without a server.

mod limits;

use crate::http::ErrorEnvelope;
use crate::{
    audit, brand, campaigns, clients, consents, email, enrichment, forms, health, identity, jobs, leads,
    pipeline, privacy, projects, schedules, secrets, segments, sequences,
};
use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, resource};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_swagger_ui::SwaggerUi;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Groundswell",
        description = "Self-hosted AI marketing platform: forms, leads, campaigns, mail.\n\nEvery answer is `{success, data, error}`; lists add `next_cursor`, errors `code`, `details` and `request_id`.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(ErrorEnvelope)),
    modifiers(&Security),
    tags(
        (name = "auth", description = "Accounts, sessions, API keys"),
        (name = "users", description = "An organization, its people, and their preferences"),
        (name = "forms", description = "Public forms and what visitors send"),
        (name = "leads", description = "Leads, their scores, import and export"),
        (name = "enrichment", description = "What can be found out about leads, from whom, and how sure it is"),
        (name = "schedules", description = "Work that is done again and again"),
        (name = "segments", description = "Leads that an expression describes"),
        (name = "sequences", description = "What happens to leads over days, step by step"),
        (name = "consents", description = "What leads agreed to, and in which words"),
        (name = "clients", description = "Customers of an agency, and how their accounts are doing"),
        (name = "projects", description = "What belongs together among the things of a client"),
        (name = "campaigns", description = "Email campaigns"),
        (name = "email", description = "Single mails, templates, the ledger, suppressions"),
        (name = "brand", description = "What mails say of the organization"),
        (name = "tracking", description = "Links in mails"),
        (name = "installation", description = "All organizations, for those who operate the installation"),
        (name = "secrets", description = "Keys of other services, kept encrypted"),
        (name = "jobs", description = "Background work"),
        (name = "audit", description = "Who did what"),
        (name = "privacy", description = "Forgetting people, and telling them what is kept of them"),
        (name = "health", description = "How the server is"),
    )
)]
struct Base;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An access token of `/api/auth/login`, an API key (`gsk_...`), or a JWT of a trusted issuer",
            ))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The whole document.
#[expect(clippy::large_stack_arrays, reason = "once, when the document is made")]
pub fn openapi() -> OpenApi {
    let mut document = Base::openapi();
    for part in [
        identity::Docs::openapi(),
        forms::Docs::openapi(),
        leads::Docs::openapi(),
        pipeline::Docs::openapi(),
        schedules::Docs::openapi(),
        segments::Docs::openapi(),
        consents::Docs::openapi(),
        enrichment::Docs::openapi(),
        clients::Docs::openapi(),
        projects::Docs::openapi(),
        campaigns::Docs::openapi(),
        email::Docs::openapi(),
        brand::Docs::openapi(),
        sequences::Docs::openapi(),
        secrets::Docs::openapi(),
        jobs::Docs::openapi(),
        audit::Docs::openapi(),
        privacy::Docs::openapi(),
        health::Docs::openapi(),
    ] {
        document.merge(part);
    }
    limits::describe(&mut document);
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
        ];
        operations.into_iter().flatten().for_each(add_errors);
    }
    document
}

/// Every operation answers errors in the same shape, and every answer has a description, as the specification wants it.
fn add_errors(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            meaning(status).clone_into(&mut response.description);
        }
    }
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ErrorEnvelope")))
        .build();
    let response = ResponseBuilder::new()
        .description("An error")
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .insert("default".into(), response.into());
}

fn meaning(status: &str) -> &'static str {
    match status {
        "201" => "Created",
        "202" => "Accepted: a job will do it",
        _ => "Done",
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    let document = openapi();
    let text = document.to_json().unwrap_or_default();
    config
        .service(resource("/api/openapi.json").get(move || {
            let text = text.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(text) }
        }))
        .service(resource("/docs").get(async || {
            HttpResponse::PermanentRedirect()
                .insert_header(("location", "/docs/"))
                .finish()
        }))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/api/openapi.json", document));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn operation_ids_are_unique_words_and_every_operation_says_who_may_call_it() {
        let document = serde_json::to_value(openapi()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut seen = HashSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{method} {path} has no id"));
                assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{id}");
                assert!(seen.insert(id.to_owned()), "{id} is used twice");
                let public = !path.starts_with("/api") || operation["security"] == serde_json::json!([{}]);
                assert!(
                    public || operation["security"] == serde_json::json!([{"bearer": []}]),
                    "{method} {path}"
                );
                assert!(operation["responses"]["default"].is_object(), "{method} {path}");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    assert!(
                        response["$ref"].is_string()
                            || response["description"]
                                .as_str()
                                .is_some_and(|text| !text.is_empty()),
                        "{method} {path} {status}"
                    );
                }
            }
        }
        assert!(seen.len() > 50, "{} operations", seen.len());
    }
}
