//! The people and texts of the demo: made up, and the same every time. All addresses are under `.example` (RFC 2606).

use groundswell_domain::TemplateId;
use groundswell_domain::projects::Project;
use serde_json::{Value, json};

const FIRST: [&str; 25] = [
    "Amara",
    "Ben",
    "Chiara",
    "Dmitri",
    "Elif",
    "Finn",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Keiko",
    "Liam",
    "Maya",
    "Noah",
    "Olga",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tara",
    "Uwe",
    "Valentina",
    "Wei",
    "Ximena",
    "Yusuf",
];
const LAST: [&str; 20] = [
    "Adler",
    "Bianchi",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Patel",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
];
const COMPANIES: [(&str, &str); 12] = [
    ("Blue Door Café", "bluedoor"),
    ("Nordlicht Hotels", "nordlicht"),
    ("Bakehouse Collective", "bakehouse"),
    ("Café Central", "central"),
    ("The Reading Room", "readingroom"),
    ("Seaside Catering", "seaside"),
    ("Office Perks GmbH", "officeperks"),
    ("Mercato Verde", "mercatoverde"),
    ("Loft Coworking", "loft"),
    ("Alpine Lodge", "alpinelodge"),
    ("Kiosk 21", "kiosk21"),
    ("Old Mill Deli", "oldmill"),
];
const SOURCES: [(&str, &str); 5] = [
    ("google", "https://www.google.com/"),
    ("instagram", "https://www.instagram.com/"),
    ("newsletter", ""),
    ("trade-fair", ""),
    ("linkedin", "https://www.linkedin.com/"),
];
pub(super) const INTERESTS: [&str; 4] = [
    "Espresso blends",
    "Filter coffee",
    "Office subscription",
    "Wholesale",
];

pub(super) struct Person {
    pub name: String,
    pub email: String,
    pub company: &'static str,
    pub interest: &'static str,
    pub source: &'static str,
    pub referrer: &'static str,
}

/// The first 500 have different names.
pub(super) fn person(index: usize) -> Person {
    let first = FIRST[index % FIRST.len()];
    let last = LAST[(index / FIRST.len()) % LAST.len()];
    let (company, domain) = COMPANIES[(index * 7) % COMPANIES.len()];
    let (source, referrer) = SOURCES[(index * 3 + index / 11) % SOURCES.len()];
    let plain: String = format!("{first}.{last}").to_lowercase().replace('í', "i");
    Person {
        name: format!("{first} {last}"),
        email: format!("{plain}@{domain}.example"),
        company,
        interest: INTERESTS[(index * 5 + index / 7) % INTERESTS.len()],
        source,
        referrer,
    }
}

/// Status, stage and tags of a lead that has been around for a while.
pub(super) fn past(index: usize) -> (&'static str, Vec<&'static str>) {
    match index % 20 {
        0 | 1 => ("converted", vec!["customer", "wholesale"]),
        2..=6 => ("qualified", vec!["wholesale"]),
        7..=10 => ("engaged", vec!["newsletter"]),
        11 => ("disqualified", Vec::new()),
        _ => ("new", vec!["newsletter"]),
    }
}

pub(super) fn opens(index: usize) -> bool {
    index % 5 < 3
}

pub(super) fn clicks(index: usize) -> bool {
    index % 10 < 2
}

pub(super) fn unsubscribes(index: usize) -> bool {
    index % 60 == 59
}

pub(super) fn newsletter_form() -> Value {
    json!({
        "name": "Newsletter",
        "fields": [
            { "name": "name", "type": "text", "label": "Your name", "required": true },
            { "name": "email", "type": "email", "label": "Mail address", "required": true },
            { "name": "company", "type": "text", "label": "Company" },
            { "name": "interest", "type": "select", "label": "What do you like?", "options": INTERESTS }
        ],
        "styling": { "accent_color": "#7a4a2b", "button_label": "Subscribe", "intro": "Fresh roasts and stories from the harbor, twice a month." },
        "settings": { "thank_you": "Welcome aboard! The next letter is on its way to you." }
    })
}

pub(super) fn tasting_form() -> Value {
    json!({
        "name": "Tasting evening",
        "fields": [
            { "name": "name", "type": "text", "label": "Your name", "required": true },
            { "name": "email", "type": "email", "label": "Mail address", "required": true },
            { "name": "company", "type": "text", "label": "Company" },
            { "name": "seats", "type": "number", "label": "Seats", "min": 1, "max": 6 },
            { "name": "interest", "type": "select", "label": "What would you like to taste?", "options": INTERESTS }
        ],
        "styling": { "accent_color": "#24544b", "button_label": "Reserve" },
        "settings": { "thank_you": "Your seats are reserved. See you at the harbor!" }
    })
}

pub(super) fn template() -> Value {
    json!({
        "name": "Harbor letter",
        "category": "newsletter",
        "subject": "{{ lead.first_name | default('Hello') }}, the new roast is in",
        "html": include_str!("letter.html")
    })
}

/// Two customers that the roastery does campaigns with, and a project with each.
pub(super) fn clients() -> [(Value, Value); 2] {
    let contact = |name: &str, email: &str, role: &str| json!([{ "name": name, "email": email, "role": role, "is_primary": true }]);
    [
        (
            json!({
                "name": "Nordlicht Hotels", "industry": "Hospitality", "country": "DE", "website": "https://nordlicht.example/",
                "annual_revenue": 18_500_000, "employees": 240, "tags": ["wholesale"],
                "contacts": contact("Ines Fischer", "ines.fischer@nordlicht.example", "Head of Food and Beverage")
            }),
            json!({ "name": "Spring menu", "description": "The new roast on every breakfast table." }),
        ),
        (
            json!({
                "name": "Bakehouse Collective", "industry": "Food", "country": "NL", "website": "https://bakehouse.example/",
                "annual_revenue": 2_400_000, "employees": 35,
                "contacts": contact("Hugo Jansen", "hugo.jansen@bakehouse.example", "Owner")
            }),
            json!({ "name": "Wholesale trial", "description": "Three months of beans at a trial price." }),
        ),
    ]
}

pub(super) fn finished_campaign(template: TemplateId, project: &Project) -> Value {
    json!({
        "name": "Spring roast announcement", "type": "email", "objective": "Sell the first batch",
        "description": "To everybody who asked for the letter.", "budget": 1200,
        "target_audience": { "tags_any": ["newsletter"] }, "content": { "template_id": template },
        "client_id": project.client_id, "project_id": project.id
    })
}

pub(super) fn running_campaign(template: TemplateId, project: &Project) -> Value {
    json!({
        "name": "Wholesale offer", "type": "email", "objective": "20 wholesale trials",
        "description": "To cafés and offices that are close to a decision.", "budget": { "amount": 2500, "currency": "EUR" },
        "target_audience": { "tags_any": ["wholesale"] }, "content": { "template_id": template },
        "client_id": project.client_id, "project_id": project.id
    })
}
