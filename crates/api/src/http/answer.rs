//! Successful answers: `{"success": true, "data": ..., "error": null}`, written straight into the body.

use super::error::ApiError;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use groundswell_app::email::DomainView;
use groundswell_domain::FieldError;
use groundswell_domain::brand::OrganizationBrand;
use groundswell_domain::campaigns::Campaign;
use groundswell_domain::clients::{Client, ClientDetail};
use groundswell_domain::email::{Template, TemplatePartial, Topic};
use groundswell_domain::enrichment::EnrichmentProvider;
use groundswell_domain::forms::Form;
use groundswell_domain::identity::{Organization, User};
use groundswell_domain::leads::{Lead, LeadSource};
use groundswell_domain::projects::Project;
use groundswell_domain::qualification::RuleSet;
use groundswell_domain::schedules::Schedule;
use groundswell_domain::scoring::ScoringModel;
use serde::Serialize;
use utoipa::ToSchema;

/// An entity with a version, which becomes the `ETag`.
pub trait Versioned {
    fn version(&self) -> i32;
}

macro_rules! versioned {
    ($($name:ty),+) => { $(impl Versioned for $name { fn version(&self) -> i32 { self.version } })+ };
}
versioned!(
    groundswell_domain::segments::Segment,
    groundswell_domain::sequences::Draft,
    groundswell_domain::sequences::Sequence,
    Campaign,
    Client,
    EnrichmentProvider,
    Form,
    Lead,
    LeadSource,
    Organization,
    OrganizationBrand,
    Project,
    RuleSet,
    Schedule,
    ScoringModel,
    Template,
    TemplatePartial,
    Topic,
    User
);

impl Versioned for DomainView {
    fn version(&self) -> i32 {
        self.domain.version
    }
}

impl Versioned for ClientDetail {
    fn version(&self) -> i32 {
        self.client.version
    }
}

/// What a handler answers with.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    location: Option<String>,
    version: Option<i32>,
    data: T,
}

impl<T> Answer<T> {
    fn with(status: StatusCode, data: T) -> Self {
        Self {
            status,
            location: None,
            version: None,
            data,
        }
    }

    pub fn ok(data: T) -> Self {
        Self::with(StatusCode::OK, data)
    }

    /// With the address of what is new.
    pub fn created(location: impl Into<String>, data: T) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::with(StatusCode::CREATED, data)
        }
    }

    /// Something new that has no address for the caller.
    pub fn created_unnamed(data: T) -> Self {
        Self::with(StatusCode::CREATED, data)
    }

    /// A job will do it.
    pub fn accepted(data: T) -> Self {
        Self::with(StatusCode::ACCEPTED, data)
    }
}

impl<T: Versioned> Answer<T> {
    /// With an `ETag`.
    pub fn versioned(data: T) -> Self {
        Self {
            version: Some(data.version()),
            ..Self::ok(data)
        }
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut body = br#"{"success":true,"data":"#.to_vec();
        if let Err(error) = serde_json::to_writer(&mut body, &self.data) {
            return ApiError::from(groundswell_domain::Error::internal(error)).error_response();
        }
        body.extend_from_slice(br#","error":null}"#);
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, "application/json"));
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(version) = self.version {
            response.insert_header((ETAG, format!("\"{version}\"")));
        }
        response.body(body)
    }
}

/// `"data": null`: it is done, and there is nothing to show.
#[derive(Debug, Serialize)]
pub struct Nothing;

impl Responder for Nothing {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Answer::ok(()).respond_to(request)
    }
}

impl utoipa::PartialSchema for Nothing {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Null)
            .into()
    }
}
impl ToSchema for Nothing {}

/// The shape of a successful answer, for the `OpenAPI` document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `Answer` writes")]
pub struct Envelope<T: ToSchema> {
    #[schema(example = true)]
    success: bool,
    data: T,
    /// Always null.
    error: Option<String>,
}

/// The shape of every error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    #[schema(example = false)]
    pub success: bool,
    /// Always null.
    pub data: Option<String>,
    /// A sentence for people.
    pub error: String,
    /// Stable, for programs.
    #[schema(example = "lead_not_found")]
    pub code: String,
    /// Every field that is wrong.
    pub details: Vec<FieldError>,
    /// Also in the header `X-Request-Id` and in the log.
    pub request_id: String,
}
