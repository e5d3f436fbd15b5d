//! Valid domain objects with as little said as possible; a test changes what it is about.

use crate::{TestClock, TestIds};
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::{
    Campaign, CampaignContent, CampaignMetrics, CampaignStatus, CampaignType, Delivery, UtmPlan,
};
use groundswell_domain::clients::{Client, ClientStatus, Contact};
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource, Purpose};
use groundswell_domain::email::{Mailing, Verification};
use groundswell_domain::forms::{
    Attribution, FieldType, Form, FormField, FormSettings, NewCapture, Submission, SubmissionStatus, Verdict,
};
use groundswell_domain::identity::{Organization, Role, User, UserStatus};
use groundswell_domain::jobs::{NewJob, Priority};
use groundswell_domain::leads::{
    Axis, Lead, LeadFilter, LeadStage, LeadStatus, Score, ScoreEntry, Tags, Utm,
};
use groundswell_domain::locale::{Locale, TimeZone};
use groundswell_domain::platform::{Clock, Ids};
use groundswell_domain::privacy::Retention;
use groundswell_domain::projects::{Project, ProjectStatus};
use groundswell_domain::scoring::Scorers;
use groundswell_domain::{ClientId, FormId, LeadId, OrganizationId, Scope};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Makes objects with new ids, created now.
#[derive(Debug, Clone, Default)]
pub struct Builders {
    pub clock: Arc<TestClock>,
    pub ids: Arc<TestIds>,
}

impl Builders {
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id of any kind.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.ids.next().into()
    }

    pub fn scope(&self, organization: OrganizationId) -> Scope {
        Scope::system(organization, self.id())
    }

    pub fn organization(&self) -> Organization {
        Organization {
            id: self.id(),
            name: "Acme GmbH".to_owned(),
            currency: "EUR".parse().unwrap(),
            time_zone: TimeZone::UTC,
            locale: Locale::default(),
            region: None,
            public_url: None,
            from: None,
            retention: Retention::default(),
            mailing: Mailing::default(),
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    /// A company admin with an address that nobody else has.
    pub fn user(&self, organization: OrganizationId) -> User {
        let id: Uuid = self.id();
        User {
            id: id.into(),
            organization_id: organization,
            email: format!("User.{}@Example.com", id.simple()).parse().unwrap(),
            name: "Ada Example".to_owned(),
            role: Role::CompanyAdmin,
            client_id: None,
            status: UserStatus::Active,
            email_verified_at: None,
            last_login_at: None,
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    /// A form with a required address, a name and a choice.
    pub fn form(&self, organization: OrganizationId) -> Form {
        let field = |name: &str, kind, required| FormField {
            name: name.to_owned(),
            kind,
            label: None,
            required,
            options: Vec::new(),
            placeholder: None,
            max_length: None,
            min: None,
            max: None,
            value: None,
            show_if: None,
            prefill: true,
        };
        let mut interest = field("interest", FieldType::Select, false);
        interest.options = vec!["Demo".to_owned(), "Prices".to_owned()];
        Form {
            id: self.id(),
            organization_id: organization,
            name: "Newsletter".to_owned(),
            campaign_id: None,
            fields: vec![
                field("email", FieldType::Email, true),
                field("name", FieldType::Text, false),
                interest,
            ],
            styling: object(json!({ "accent_color": "#1a2b3c", "mine": { "deep": [1, null, "ü"] } })),
            settings: FormSettings {
                thank_you: Some("Danke!".to_owned()),
                ..FormSettings::default()
            },
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    pub fn submission(&self, form: FormId, lead: LeadId) -> Submission {
        Submission {
            id: self.id(),
            form_id: form,
            lead_id: lead,
            status: SubmissionStatus::Accepted,
            answers: object(json!({ "email": "grace@example.com", "interest": "Demo" })),
            attribution: Attribution {
                utm_source: Some("fair".to_owned()),
                ..Attribution::default()
            },
            user_agent: Some("Mozilla/5.0".to_owned()),
            verdict: Verdict::default(),
            test: false,
            created_at: self.now(),
        }
    }

    /// Ten points of the built-in model.
    pub fn score_entry(&self, lead: LeadId, event: &str) -> ScoreEntry {
        ScoreEntry {
            id: self.id(),
            lead_id: lead,
            model_id: Uuid::nil().into(),
            revision: 1,
            primary: true,
            rule: "form_submitted".to_owned(),
            axis: Axis::Engagement,
            points: 10,
            event: event.to_owned(),
            created_at: self.now(),
        }
    }

    /// A submission by somebody new, without job or idempotency key.
    pub fn capture(&self, form: FormId, email: &str) -> NewCapture {
        let lead = self.lead(email);
        let submission = self.submission(form, lead.id);
        let event = format!("submission:{}", submission.id);
        NewCapture {
            score: vec![self.score_entry(lead.id, &event)],
            scorers: Arc::new(Scorers::of(Uuid::nil().into(), &[], self.now())),
            scored_at: self.now(),
            renewed: Vec::new(),
            consents: Vec::new(),
            challenge: None,
            job: None,
            qualify: None,
            sequences: None,
            idempotency: None,
            lead,
            submission,
        }
    }

    /// What a lead told somebody about marketing.
    pub fn consent(&self, lead: LeadId, decision: ConsentDecision) -> Consent {
        Consent {
            id: self.id(),
            lead_id: lead,
            purpose: Purpose::marketing(),
            decision,
            text: Some("Ja, schreibt mir!\nJederzeit widerrufbar.".to_owned()),
            source: ConsentSource::Api,
            form_id: None,
            submission_id: None,
            import_id: None,
            recorded_by: Some(self.id()),
            confirmation: None,
            created_at: self.now(),
        }
    }

    /// A new lead without a score.
    pub fn lead(&self, email: &str) -> Lead {
        Lead {
            id: self.id(),
            name: "Grace Example".to_owned(),
            email: email.parse().unwrap(),
            verification: Verification::of(&email.parse().unwrap()),
            phone: None,
            phone_e164: None,
            company: Some("Example Ltd".to_owned()),
            title: None,
            source: "form".to_owned(),
            status: LeadStatus::New,
            stage: LeadStage::New,
            stage_since: self.now(),
            furthest_stage: LeadStage::New,
            outcome_reason: None,
            value: None,
            tags: Tags::default(),
            custom_fields: Map::new(),
            score: Score::default(),
            utm: Utm::default(),
            client_id: None,
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    /// An active client with one contact.
    pub fn client(&self) -> Client {
        Client {
            id: self.id(),
            name: "Acme".to_owned(),
            industry: None,
            country: None,
            website: None,
            annual_revenue: None,
            currency: "EUR".parse().unwrap(),
            employees: None,
            contacts: vec![Contact {
                name: "Ada Example".to_owned(),
                email: Some("ada@acme.example".parse().unwrap()),
                phone: None,
                role: None,
                is_primary: true,
            }],
            notes: None,
            tags: Tags::default(),
            status: ClientStatus::Active,
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    pub fn project(&self, client: Option<ClientId>) -> Project {
        Project {
            id: self.id(),
            client_id: client,
            name: "Relaunch".to_owned(),
            description: None,
            status: ProjectStatus::Active,
            start_date: None,
            end_date: None,
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        }
    }

    /// An email campaign in draft to all leads, with a mail of its own.
    pub fn campaign(&self) -> Campaign {
        Campaign {
            id: self.id(),
            name: "Spring".to_owned(),
            kind: CampaignType::Email,
            status: CampaignStatus::Draft,
            objective: None,
            description: None,
            budget_allocated: None,
            currency: "EUR".parse().unwrap(),
            channels: vec!["email".to_owned()],
            target_audience: LeadFilter::default(),
            content: CampaignContent {
                template_id: None,
                subject: Some("Hello".to_owned()),
                html: Some("<p>Hello</p>".to_owned()),
                text: None,
            },
            metrics: CampaignMetrics::default(),
            start_date: None,
            end_date: None,
            client_id: None,
            project_id: None,
            created_by: None,
            failure: None,
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
            run: 0,
            frozen: None,
            audience: None,
            snapshot_after: None,
            snapshot_done: false,
            launched_at: None,
            delivery: Delivery::default(),
            utm: UtmPlan::default(),
            topic_id: None,
            goal: None,
            resend_of: None,
            tags: None,
        }
    }

    /// A job that can run at once and has three attempts.
    pub fn job(&self, kind: &str) -> NewJob {
        NewJob {
            id: self.id(),
            kind: kind.to_owned(),
            payload: json!({ "n": 1, "text": "ü" }),
            priority: Priority::Normal,
            max_attempts: 3,
            run_at: self.now(),
            unique_key: None,
            cause: None,
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
