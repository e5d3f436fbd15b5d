//! Answers that must have a form.

use groundswell_domain::llm::{ChatRequest, JsonSchema, Message, Part, Role};
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Problems that a model is told at most.
const MOST: usize = 8;

/// A schema that answers are held against.
pub(super) struct Form {
    validator: Validator,
    text: String,
}

impl Form {
    /// The error says what is wrong with the schema. Other documents are not fetched; patterns run in linear time.
    pub fn compile(schema: &JsonSchema) -> Result<Self, String> {
        let validator = jsonschema::options()
            .with_pattern_options(PatternOptions::regex())
            .build(&schema.schema)
            .map_err(|error| format!("must be a JSON Schema: {error}"))?;
        Ok(Self {
            validator,
            text: schema.schema.to_string(),
        })
    }

    /// The value in the text, or a sentence for each place that is wrong.
    pub fn read(&self, text: &str) -> Result<Value, Vec<String>> {
        let value: Value =
            serde_json::from_str(unfenced(text)).map_err(|error| vec![format!("it is no JSON: {error}")])?;
        let problems: Vec<String> = self
            .validator
            .iter_errors(&value)
            .take(MOST)
            .map(|error| {
                let path = error.instance_path().to_string();
                let place = if path.is_empty() { "/" } else { path.as_str() };
                format!("{place}: {error}")
            })
            .collect();
        if problems.is_empty() {
            Ok(value)
        } else {
            Err(problems)
        }
    }

    /// The same request, with what came of it and what is wrong with that.
    pub fn repair(&self, request: &ChatRequest, text: &str, problems: &[String]) -> ChatRequest {
        let mut again = request.clone();
        if !text.trim().is_empty() {
            again.messages.push(Message::text(Role::Assistant, text));
        }
        let problems = problems.join("\n- ");
        again.messages.push(Message::text(
            Role::User,
            format!(
                "That does not follow the JSON Schema:\n- {problems}\n\nThe schema:\n{}\n\nAnswer with the corrected JSON and nothing else.",
                self.text
            ),
        ));
        again
    }
}

/// The request for a model that can't be held to a schema: it is told of it. Others get it as it is.
pub(super) fn written_into(request: &ChatRequest, native: bool) -> ChatRequest {
    let mut request = request.clone();
    if native {
        return request;
    }
    if let Some(schema) = request.schema.take() {
        let told = format!(
            "Answer with one JSON value that follows this JSON Schema, and with nothing else:\n{}",
            schema.schema
        );
        match request
            .messages
            .iter_mut()
            .find(|message| message.role == Role::System)
        {
            Some(message) => message.parts.push(Part::Text { text: told }),
            None => request.messages.insert(0, Message::text(Role::System, told)),
        }
    }
    request
}

/// Models like to wrap JSON into a block of Markdown.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else {
        return text;
    };
    let inner = inner
        .strip_prefix("json")
        .or_else(|| inner.strip_prefix("JSON"))
        .unwrap_or(inner);
    inner.trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(schema: Value) -> Result<Form, String> {
        Form::compile(&JsonSchema {
            name: "x".into(),
            schema,
        })
    }

    #[test]
    fn a_value_is_found_and_every_wrong_place_is_named() {
        let schema = json!({
            "type": "object", "required": ["title", "score"], "additionalProperties": false,
            "properties": { "title": { "type": "string" }, "score": { "type": "integer", "maximum": 10 } }
        });
        let form = form(schema).unwrap();
        let fine = json!({ "title": "a", "score": 3 });
        assert_eq!(
            form.read("```json\n{\"title\":\"a\",\"score\":3}\n```").unwrap(),
            fine
        );
        assert_eq!(form.read(" {\"title\":\"a\",\"score\":3}").unwrap(), fine);
        let problems = form.read("{\"title\":1,\"score\":11}").unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(
            problems.iter().any(|said| said.starts_with("/title")),
            "{problems:?}"
        );
        assert!(form.read("Sure! {").unwrap_err()[0].contains("no JSON"));
    }

    #[test]
    fn schemas_that_are_none_or_want_other_documents_are_refused() {
        assert!(form(json!({ "type": "objekt" })).is_err());
        assert!(
            form(json!({ "type": "object", "properties": { "a": { "$ref": "https://x.example/s.json" } } }))
                .is_err()
        );
        assert!(
            form(json!({ "type": "object", "properties": { "a": { "$ref": "file:///etc/passwd" } } }))
                .is_err()
        );
    }

    #[test]
    fn a_pattern_that_backtracks_forever_elsewhere_does_not_here() {
        let form = form(
            json!({ "type": "object", "properties": { "a": { "type": "string", "pattern": "^(a+)+$" } } }),
        );
        let long = format!("{{\"a\":\"{}!\"}}", "a".repeat(50_000));
        assert!(form.unwrap().read(&long).is_err());
    }

    #[test]
    fn a_model_without_schemas_is_told_in_words() {
        let mut request = ChatRequest::of(vec![Message::text(Role::User, "x")]);
        request.schema = Some(JsonSchema {
            name: "x".into(),
            schema: json!({ "type": "object" }),
        });
        assert_eq!(written_into(&request, true), request);
        let told = written_into(&request, false);
        assert_eq!(told.schema, None);
        assert!(told.messages[0].plain().contains("{\"type\":\"object\"}"));
        assert_eq!(written_into(&told, false).messages.len(), 2);
    }
}
