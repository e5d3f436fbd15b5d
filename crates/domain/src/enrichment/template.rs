//! Addresses and bodies with places for what is known of a lead: `https://api.example/companies/{{domain}}`.

use serde_json::Value;
use url::Url;

/// What can be asked with.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Of the company; nothing for addresses at free providers.
    pub domain: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
    pub name: Option<String>,
}

const NAMES: [&str; 4] = ["domain", "email", "company", "name"];

impl Variables {
    fn get(&self, name: &str) -> Option<&str> {
        let value = match name {
            "domain" => &self.domain,
            "email" => &self.email,
            "company" => &self.company,
            "name" => &self.name,
            _ => return None,
        };
        value.as_deref().filter(|value| !value.trim().is_empty())
    }
}

/// The address; `None` when it asks for something that is not known.
pub fn render_url(template: &str, variables: &Variables) -> Option<Url> {
    let text = render(template, |name| {
        // A name of dots alone would mean another folder.
        let value = variables
            .get(name)
            .filter(|value| value.bytes().any(|byte| byte != b'.'))?;
        Some(encoded(value))
    })?;
    Url::parse(&text).ok()
}

/// The body: places are in its texts alone, so that no value can change its shape.
pub fn render_body(template: &Value, variables: &Variables) -> Option<Value> {
    Some(match template {
        Value::String(text) => render(text, |name| variables.get(name).map(str::to_owned))?.into(),
        Value::Array(items) => {
            let items = items.iter().map(|item| render_body(item, variables));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| Some((name.clone(), render_body(value, variables)?)));
            Value::Object(fields.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

/// What is wrong with the template of an address, as a sentence.
pub(super) fn check_url(template: &str) -> Result<Url, String> {
    check_places(template)?;
    let known = render(template, |_| Some("x".into())).unwrap_or_default();
    let url = Url::parse(&known).map_err(|error| format!("is not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("must start with https:// or http://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user or a password in it: use `secret`".into());
    }
    // Else a lead's data would decide whom we ask.
    let other = render(template, |_| Some("y".into())).unwrap_or_default();
    if Url::parse(&other).map(|other| other.origin()) != Ok(url.origin()) {
        return Err("must have its places after the server's name".into());
    }
    Ok(url)
}

/// What is wrong with the places of a template.
pub(super) fn check_places(template: &str) -> Result<(), String> {
    let mut wrong = None;
    render(template, |name| {
        if !NAMES.contains(&name) {
            wrong = Some(name.chars().take(40).collect::<String>());
        }
        Some(String::new())
    });
    match wrong {
        Some(name) => Err(format!(
            "`{{{{{name}}}}}` is not known; possible: {}",
            NAMES.map(|name| format!("{{{{{name}}}}}")).join(", ")
        )),
        None => Ok(()),
    }
}

fn render(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        out.push_str(&value(name.trim())?);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Everything but unreserved characters (RFC 3986, section 2.3).
fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(format!("%{byte:02X}").chars());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variables() -> Variables {
        Variables {
            domain: Some("acme.de".into()),
            email: Some("ada+x@acme.de".into()),
            company: Some("A&B/../Söhne".into()),
            name: Some("..".into()),
        }
    }

    #[test]
    fn values_are_values_and_never_syntax() {
        let url = |template: &str| render_url(template, &variables()).map(String::from);
        assert_eq!(
            url("https://api.x.example/v1/{{ domain }}?mail={{email}}").as_deref(),
            Some("https://api.x.example/v1/acme.de?mail=ada%2Bx%40acme.de")
        );
        assert_eq!(
            url("https://api.x.example/v1/{{company}}").as_deref(),
            Some("https://api.x.example/v1/A%26B%2F..%2FS%C3%B6hne")
        );
        assert_eq!(url("https://api.x.example/v1/{{name}}"), None);
        assert_eq!(
            render_body(
                &json!({"q": ["\"{{company}}\"", 1], "n": "{{domain}}{{x"}),
                &variables()
            ),
            Some(json!({"q": ["\"A&B/../Söhne\"", 1], "n": "acme.de{{x"}))
        );
        let nobody = Variables::default();
        assert_eq!(render_url("https://api.x.example/{{email}}", &nobody), None);
        assert_eq!(render_body(&json!(["{{email}}"]), &nobody), None);
    }

    #[test]
    fn templates_name_one_server_and_known_places() {
        for good in [
            "https://api.x.example/{{domain}}",
            "http://127.0.0.1:9000/?q={{ email }}",
        ] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("https://{{domain}}/about", "after the server"),
            ("https://x.example:{{domain}}/", "not an address"),
            ("https://x.example/{{password}}", "not known"),
            ("ftp://x.example/", "must start with"),
            ("x.example", "not an address"),
            ("https://u:p@x.example/", "password"),
            ("{{domain}}", "not an address"),
            ("", "not an address"),
        ] {
            let said = check_url(bad).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
