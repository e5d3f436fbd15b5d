//! Every operation of the API, as its `OpenAPI` document has it.

use reqwest::Method;
use serde_json::{Value, json};

/// One method at one address.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With `{id}` in it, at most one.
    pub path: String,
    /// The document says that it needs nobody's token.
    pub public: bool,
    /// Which rate limit it falls under.
    pub limit: String,
    /// The content types of its body.
    pub accepts: Vec<String>,
    /// Names and types of the parameters in its query string.
    pub query: Vec<(String, Value)>,
    /// Names of the fields of its JSON body.
    pub fields: Vec<String>,
}

impl Operation {
    pub fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    pub fn takes_json(&self) -> bool {
        self.accepts.iter().any(|kind| kind == "application/json")
    }

    /// The address with this id, and with what is required in its query string.
    pub fn address(&self, id: &str) -> String {
        let query = if self.id == "search_leads" { "?q=lead" } else { "" };
        match (self.path.find('{'), self.path.find('}')) {
            (Some(start), Some(end)) => {
                format!("{}{id}{}{query}", &self.path[..start], &self.path[end + 1..])
            }
            _ => format!("{}{query}", self.path),
        }
    }
}

/// All of them.
pub fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(groundswell_api::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let accepts = operation["requestBody"]["content"].as_object();
            let parameters = operation["parameters"].as_array();
            let body = accepts
                .and_then(|kinds| kinds.get("application/json"))
                .and_then(|kind| kind["schema"]["$ref"].as_str())
                .and_then(|name| name.rsplit('/').next())
                .and_then(|name| document["components"]["schemas"][name]["properties"].as_object());
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                public: operation["security"] == json!([{}]) || operation["security"] == json!([]),
                limit: operation["x-rate-limit"].as_str().unwrap().to_owned(),
                fields: body.into_iter().flatten().map(|(name, _)| name.clone()).collect(),
                accepts: accepts.map_or_else(Vec::new, |kinds| kinds.keys().cloned().collect()),
                query: parameters
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| {
                        (
                            parameter["name"].as_str().unwrap().to_owned(),
                            parameter["schema"].clone(),
                        )
                    })
                    .collect(),
            });
        }
    }
    all
}
