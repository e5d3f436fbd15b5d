//! What the document says about rate limits: the class of each operation (`x-rate-limit`), and the answer 429.

use crate::http::RouteClass;
use actix_web::http::Method;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, Response, ResponseBuilder};

const NAME: &str = "RateLimited";

pub(super) fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            describe_operation(operation, RouteClass::of(&method, path));
        }
    }
    document
        .components
        .get_or_insert_default()
        .responses
        .insert(NAME.into(), refusal().into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
        (Method::PATCH, &mut item.patch),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn describe_operation(operation: &mut Operation, class: RouteClass) {
    let extension = ExtensionsBuilder::new()
        .add("x-rate-limit", class.as_str())
        .build();
    operation.extensions.get_or_insert_default().merge(extension);
    if class != RouteClass::Unlimited {
        let refusal = Ref::from_response_name(NAME);
        operation.responses.responses.insert("429".into(), refusal.into());
    }
}

fn refusal() -> Response {
    let header = |kind: Type, text: &str| {
        HeaderBuilder::new()
            .schema(Some(
                ObjectBuilder::new().schema_type(SchemaType::from(kind)).build(),
            ))
            .description(Some(text))
            .build()
    };
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ErrorEnvelope")))
        .build();
    ResponseBuilder::new()
        .description("Too many requests. The `RateLimit` headers are also on answers that are not refused")
        .content("application/json", content)
        .header(
            "Retry-After",
            header(Type::Integer, "Seconds until it is worth trying again"),
        )
        .header(
            "RateLimit-Policy",
            header(
                Type::String,
                "The limit: its name, how many may come at once (`q`), and in how many seconds so many are given back (`w`)",
            ),
        )
        .header(
            "RateLimit",
            header(
                Type::String,
                "How many are left (`r`), and the seconds until all are given back, or until the next one when none is (`t`)",
            ),
        )
        .header("RateLimit-Limit", header(Type::Integer, "`q` as a plain number"))
        .header("RateLimit-Remaining", header(Type::Integer, "`r` as a plain number"))
        .header("RateLimit-Reset", header(Type::Integer, "`t` as a plain number"))
        .build()
}

#[cfg(test)]
mod tests {
    use crate::openapi;
    use serde_json::json;

    const WITHOUT_CREDENTIALS: [&str; 6] = [
        "sign_in",
        "registration",
        "recovery",
        "public_form",
        "public",
        "unlimited",
    ];

    /// A route that needs no credentials has nobody to count for: it must be named in `RouteClass`.
    #[test]
    fn every_operation_has_a_limit_that_fits_who_may_call_it() {
        let document = serde_json::to_value(openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let class = operation["x-rate-limit"].as_str().unwrap();
                let public = operation["security"] == json!([{}]);
                assert!(
                    !public || WITHOUT_CREDENTIALS.contains(&class),
                    "{method} {path}: name it in RouteClass::of"
                );
                assert!(
                    public || !matches!(class, "public" | "unlimited" | "public_form" | "registration"),
                    "{method} {path} is {class}"
                );
                assert_eq!(
                    operation["responses"]["429"].is_object(),
                    class != "unlimited",
                    "{method} {path}"
                );
            }
        }
    }
}
