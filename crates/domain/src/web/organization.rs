//! Organizations in structured data: <https://schema.org/Organization> as JSON-LD, as sites really write it.

use serde_json::{Map, Value};

/// How deep lists and graphs are looked into.
const DEEPEST: u8 = 6;

/// Types that are organizations and do not end in one of these words: `Corporation`, `Restaurant`, ...
const TYPES: [&str; 10] = [
    "Corporation",
    "NGO",
    "Airline",
    "Consortium",
    "Restaurant",
    "Hotel",
    "Store",
    "ProfessionalService",
    "LegalService",
    "FinancialService",
];

/// What a site says of the organization behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationData {
    pub name: Option<String>,
    pub url: Option<String>,
    pub description: Option<String>,
    pub logo: Option<String>,
    pub telephone: Option<String>,
    /// A code or a name, as it is written.
    pub country: Option<String>,
    pub city: Option<String>,
    pub industry: Option<String>,
    /// A number or a range, as it is written.
    pub employees: Option<String>,
    pub same_as: Vec<String>,
}

/// The organization that the blocks tell most about.
pub fn organization(blocks: &[Value]) -> Option<OrganizationData> {
    let mut found = Vec::new();
    for block in blocks {
        collect(block, DEEPEST, &mut found);
    }
    let read = found.into_iter().map(read);
    let named = read.filter(|data| data.name.is_some());
    named.max_by_key(OrganizationData::known)
}

impl OrganizationData {
    fn known(&self) -> usize {
        let fields = [
            &self.url,
            &self.description,
            &self.logo,
            &self.telephone,
            &self.country,
            &self.city,
            &self.industry,
            &self.employees,
        ];
        fields.iter().filter(|field| field.is_some()).count() + self.same_as.len().min(1)
    }
}

/// Organizations in a block, in the lists and graphs of it, and behind what belongs to them (the publisher of a site).
fn collect<'a>(value: &'a Value, depth: u8, found: &mut Vec<&'a Map<String, Value>>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Array(items) => items
            .iter()
            .take(100)
            .for_each(|item| collect(item, depth, found)),
        Value::Object(object) => {
            if is_organization(object) {
                found.push(object);
            }
            for key in [
                "@graph",
                "publisher",
                "mainEntity",
                "about",
                "author",
                "itemListElement",
            ] {
                if let Some(inner) = object.get(key) {
                    collect(inner, depth, found);
                }
            }
        }
        _ => {}
    }
}

fn is_organization(object: &Map<String, Value>) -> bool {
    texts(object.get("@type")).any(|kind| {
        let kind = kind.rsplit(['/', ':']).next().unwrap_or(kind);
        kind.ends_with("Organization") || kind.ends_with("Business") || TYPES.contains(&kind)
    })
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items: &[Value] = match value {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().filter_map(Value::as_str)
}

fn read(object: &Map<String, Value>) -> OrganizationData {
    let address = first(object.get("address"));
    OrganizationData {
        name: text(object.get("name")).or_else(|| text(object.get("legalName"))),
        url: text(object.get("url")),
        description: text(object.get("description")),
        logo: text(object.get("logo")),
        telephone: text(object.get("telephone")).or_else(|| {
            let contact = first(object.get("contactPoint"))?;
            text(contact.get("telephone"))
        }),
        country: address.and_then(|address| text(address.get("addressCountry"))),
        city: address.and_then(|address| text(address.get("addressLocality"))),
        industry: text(object.get("industry")).or_else(|| text(object.get("knowsAbout"))),
        employees: employees(object.get("numberOfEmployees")),
        same_as: texts(object.get("sameAs"))
            .map(str::trim)
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
            .take(20)
            .map(str::to_owned)
            .collect(),
    }
}

fn first(value: Option<&Value>) -> Option<&Value> {
    match value? {
        Value::Array(items) => items.first(),
        one => Some(one),
    }
}

/// A text, or what an object that stands for one is called.
fn text(value: Option<&Value>) -> Option<String> {
    match first(value)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(object) => {
            let names = ["name", "@value", "url", "contentUrl", "@id"];
            names
                .iter()
                .find_map(|name| object.get(*name)?.as_str())
                .map(str::to_owned)
        }
        _ => None,
    }
}

fn employees(value: Option<&Value>) -> Option<String> {
    match first(value)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(range) => {
            let part = |name: &str| employees_number(range.get(name));
            match (part("value"), part("minValue"), part("maxValue")) {
                (Some(value), ..) => Some(value),
                (None, Some(least), Some(most)) => Some(format!("{least}-{most}")),
                (None, Some(least), None) => Some(format!("{least}+")),
                _ => None,
            }
        }
        _ => None,
    }
}

fn employees_number(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn organizations_are_found_wherever_sites_put_them() {
        let plain = json!({"@type": "Organization", "name": "Acme"});
        for block in [
            plain.clone(),
            json!([plain]),
            json!({"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, plain]}),
            json!({"@type": "WebSite", "publisher": plain}),
            json!({"@type": ["LocalBusiness", "Dentist"], "name": "Acme"}),
            json!({"@type": "http://schema.org/Corporation", "name": {"@value": "Acme"}}),
        ] {
            let found = organization(std::slice::from_ref(&block)).unwrap();
            assert_eq!(found.name.as_deref(), Some("Acme"), "{block}");
        }
        for nothing in [
            json!(null),
            json!("Organization"),
            json!({"@type": "Person", "name": "Ada"}),
            json!({"@type": "Organization"}),
            json!({"@type": 7, "name": "Acme"}),
        ] {
            assert_eq!(organization(std::slice::from_ref(&nothing)), None, "{nothing}");
        }
    }

    #[test]
    fn the_one_with_most_to_say_is_taken_whole() {
        let blocks = [
            json!({"@type": "Organization", "name": "Theme Builder"}),
            json!({"@type": "LocalBusiness", "name": " Acme GmbH ", "url": "https://acme.example", "logo": {"url": "/l.png"},
                "telephone": "+49 30 1", "industry": "Tools", "numberOfEmployees": {"minValue": 10, "maxValue": 49},
                "address": [{"addressCountry": {"name": "DE"}, "addressLocality": "Berlin"}],
                "sameAs": ["https://www.linkedin.com/company/acme", "javascript:alert(1)", 7]}),
        ];
        let found = organization(&blocks).unwrap();
        assert_eq!(found.name.as_deref(), Some("Acme GmbH"));
        assert_eq!(found.employees.as_deref(), Some("10-49"));
        assert_eq!(found.country.as_deref(), Some("DE"));
        assert_eq!(found.logo.as_deref(), Some("/l.png"));
        assert_eq!(found.same_as, ["https://www.linkedin.com/company/acme"]);
    }

    #[test]
    fn depth_is_bounded() {
        let mut block = json!({"@type": "Organization", "name": "Deep"});
        for _ in 0..100 {
            block = json!({ "@graph": [block] });
        }
        assert_eq!(organization(&[block]), None);
    }
}
