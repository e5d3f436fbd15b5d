//! What a company's own site says of it.

use super::{EnrichmentField as Field, Finding, country};
use crate::egress::Fetched;
use crate::web::{OrganizationData, Page, organization, technologies};
use serde_json::Value;
use url::Url;

/// Facts of a page that answers for the company of this domain. The surest come from structured data, which a site writes to be read.
pub fn from_site(domain: &str, answer: &Fetched, page: &Page) -> Vec<Finding> {
    let data = organization(&page.json_ld).unwrap_or_default();
    let graph = |name: &str| page.open_graph.get(name).map(String::as_str);
    let mut found = vec![
        Finding::new(Field::Website, &Value::from(website(answer)), 90),
        company(page, &data),
        Finding::text(Field::Description, data.description.as_deref(), 80)
            .or_else(|| Finding::text(Field::Description, page.description.as_deref(), 75))
            .or_else(|| Finding::text(Field::Description, graph("description"), 70)),
        Finding::text(Field::Industry, data.industry.as_deref(), 80),
        Finding::text(Field::Employees, data.employees.as_deref(), 80),
        Finding::text(Field::City, data.city.as_deref(), 85),
        Finding::text(Field::CompanyPhone, data.telephone.as_deref(), 85)
            .or_else(|| Finding::text(Field::CompanyPhone, page.phones.first().map(String::as_str), 60)),
        country(domain, page, &data),
        language(page),
        logo(answer, &data),
        Finding::new(Field::Social, &data.same_as.clone().into(), 85),
        Finding::text(Field::Linkedin, linkedin(&data), 90),
        Finding::new(
            Field::Technologies,
            &technologies(page, &answer.headers).into(),
            80,
        ),
    ];
    found.retain(Option::is_some);
    found.into_iter().flatten().collect()
}

fn website(answer: &Fetched) -> String {
    format!("{}/", answer.url.origin().ascii_serialization())
}

fn company(page: &Page, data: &OrganizationData) -> Option<Finding> {
    let site_name = page.open_graph.get("site_name").map(String::as_str);
    Finding::text(Field::Company, data.name.as_deref(), 90)
        .or_else(|| Finding::text(Field::Company, site_name, 80))
        .or_else(|| Finding::text(Field::Company, page.title.as_deref().and_then(name_in_title), 55))
}

/// What a home page is called where it is not called after the company.
const WELCOME: [&str; 8] = [
    "home",
    "homepage",
    "startseite",
    "accueil",
    "inicio",
    "welcome",
    "index",
    "start",
];

/// `Acme – Tools for everybody`, or the other way round: the shorter part, if it is short enough to be a name.
fn name_in_title(title: &str) -> Option<&str> {
    let separators = [" | ", " – ", " — ", " - ", " · ", " :: ", " • "];
    let parts = separators.iter().find_map(|separator| {
        let (first, _) = title.split_once(separator)?;
        let (_, last) = title.rsplit_once(separator)?;
        Some([first, last])
    });
    let is_name =
        |part: &&str| !WELCOME.contains(&part.trim().to_lowercase().as_str()) && part.chars().count() <= 40;
    parts
        .unwrap_or([title; 2])
        .into_iter()
        .filter(is_name)
        .min_by_key(|part| part.chars().count())
}

fn country(domain: &str, page: &Page, data: &OrganizationData) -> Option<Finding> {
    let told = data.country.as_deref().and_then(country::of_text);
    let phone = data
        .telephone
        .iter()
        .chain(&page.phones)
        .find_map(|phone| country::of_phone(phone));
    let top = country::of_domain(domain);
    if told.is_some() {
        Finding::text(Field::Country, told.as_deref(), 90)
    } else if phone.is_some() && phone == top {
        Finding::text(Field::Country, phone.as_deref(), 85)
    } else if phone.is_some() {
        Finding::text(Field::Country, phone.as_deref(), 70)
    } else {
        Finding::text(Field::Country, top.as_deref(), 60)
    }
}

/// The text is believed over what the template of a site declares, when the two differ.
fn language(page: &Page) -> Option<Finding> {
    let declared = page.declared_language.as_deref().map(str::to_lowercase);
    let declared = declared.as_deref().and_then(|tag| tag.split(['-', '_']).next());
    let declared =
        declared.filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()));
    let detected = page.detected_language.as_deref();
    match (declared, detected) {
        (Some(declared), Some(detected)) if declared == detected => {
            Finding::text(Field::Language, Some(declared), 95)
        }
        (_, Some(detected)) => Finding::text(Field::Language, Some(detected), 80),
        (Some(declared), None) => Finding::text(Field::Language, Some(declared), 80),
        (None, None) => None,
    }
}

fn logo(answer: &Fetched, data: &OrganizationData) -> Option<Finding> {
    let url: Url = answer.url.join(data.logo.as_deref()?).ok()?;
    let fine = matches!(url.scheme(), "http" | "https");
    Finding::text(Field::Logo, fine.then_some(url.as_str()), 85)
}

fn linkedin(data: &OrganizationData) -> Option<&str> {
    let mut profiles = data.same_as.iter().map(String::as_str);
    profiles.find(|url| {
        let host = Url::parse(url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        host.is_some_and(|host| host == "linkedin.com" || host.ends_with(".linkedin.com"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer() -> Fetched {
        Fetched {
            status: 200,
            url: Url::parse("https://www.acme.de/start?x=1").unwrap(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn said(page: &Page) -> serde_json::Map<String, Value> {
        let found = from_site("acme.de", &answer(), page);
        found
            .into_iter()
            .map(|found| (found.field.to_string(), found.value))
            .collect()
    }

    #[test]
    fn structured_data_comes_first() {
        let page = Page {
            title: Some("Home".into()),
            declared_language: Some("de-DE".into()),
            detected_language: Some("de".into()),
            open_graph: [("site_name".to_owned(), "acme shop".to_owned())].into(),
            json_ld: vec![
                json!({"@type": "Organization", "name": "Acme GmbH", "logo": "/logo.png", "telephone": "+43 1 2",
                "sameAs": ["https://evil.example/linkedin.com", "https://de.linkedin.com/company/acme"]}),
            ],
            ..Page::default()
        };
        let said = said(&page);
        assert_eq!(said["company"], "Acme GmbH");
        assert_eq!(said["website"], "https://www.acme.de/");
        assert_eq!(said["logo"], "https://www.acme.de/logo.png");
        assert_eq!(said["linkedin"], "https://de.linkedin.com/company/acme");
        assert_eq!(
            (&said["country"], &said["language"]),
            (&json!("AT"), &json!("de"))
        );
    }

    #[test]
    fn a_title_may_hold_a_name() {
        for (title, name) in [
            ("Acme | Tools for everybody", Some("Acme")),
            ("Tools for everybody – Acme", Some("Acme")),
            ("Acme", Some("Acme")),
            ("Home", None),
            ("Home | Acme", Some("Acme")),
            (
                "A very long sentence that is surely not the name of anything",
                None,
            ),
        ] {
            assert_eq!(name_in_title(title), name, "{title}");
        }
        let page = Page {
            phones: vec!["+49 30 1".into()],
            ..Page::default()
        };
        assert_eq!(said(&page)["country"], "DE");
        assert_eq!(said(&page).get("company"), None);
    }
}
