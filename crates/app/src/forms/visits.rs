//! What happens at a form before it is sent, and how the form does.

use crate::App;
use chrono::NaiveDate;
use groundswell_domain::forms::{
    Attribution, DayVisits, DropOff, ExitKey, Form, FormAnalytics, MOST_DAYS, SourceVisits, VisitEvent,
    VisitKey, VisitRates, Visits, source_of,
};
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FormId, Scope};
use std::collections::BTreeMap;

/// Days that are looked at when nobody says which.
const DAYS: i64 = 30;

/// What somebody did at a form.
#[derive(Debug, Clone, Copy)]
pub enum Visit<'a> {
    Viewed,
    Started,
    Completed,
    /// With the name of the field that was used last.
    Left(&'a str),
}

impl<'a> Visit<'a> {
    /// What a page tells. `None` for a field that the form does not have.
    pub fn of(form: &Form, event: VisitEvent, field: Option<&'a str>) -> Option<Self> {
        match event {
            VisitEvent::View => Some(Self::Viewed),
            VisitEvent::Start => Some(Self::Started),
            VisitEvent::Leave => {
                let field = field?;
                let mut consents = form.settings.consents.iter();
                let known = form.fields.iter().any(|known| known.name == field)
                    || consents.any(|consent| consent.field() == field);
                known.then_some(Self::Left(field))
            }
        }
    }
}

/// Counts a visit of today in memory. Answers whether [`write_visits`] has to be called in a second: nobody else did yet.
pub fn count_visit(app: &App, form: &Form, visit: Visit<'_>, from: &Attribution) -> bool {
    count_visit_on(app, form, visit, from, app.now().date_naive())
}

/// The same, of a day.
pub(super) fn count_visit_on(
    app: &App,
    form: &Form,
    visit: Visit<'_>,
    from: &Attribution,
    day: NaiveDate,
) -> bool {
    let visits = match visit {
        Visit::Viewed => Visits {
            views: 1,
            ..Visits::default()
        },
        Visit::Started => Visits {
            starts: 1,
            ..Visits::default()
        },
        Visit::Completed => Visits {
            completions: 1,
            ..Visits::default()
        },
        Visit::Left(field) => {
            let key = ExitKey {
                form: form.id,
                day,
                field: field.to_owned(),
            };
            app.tally.add_exits(form.organization_id, key, 1);
            return app.tally.arm();
        }
    };
    let key = VisitKey {
        form: form.id,
        day,
        source: source_of(from),
    };
    app.tally.add(form.organization_id, key, visits);
    app.tally.arm()
}

/// Writes down what this process counted. What the database does not take now is tried again the next time.
pub async fn write_visits(app: &App) -> Result<(), Error> {
    let mut result = Ok(());
    for (organization, counts) in app.tally.take() {
        let scope = Scope::system(organization, app.request_id());
        let written = async {
            let unit = app.store.begin(&scope).await?;
            unit.visits().count(&counts).await?;
            unit.commit().await
        };
        if let Err(error) = written.await {
            app.tally.put_back(organization, counts);
            result = Err(error.into());
        }
    }
    result
}

/// Views, starts, completions and drop-off of these days; of the last thirty when none are named.
pub async fn form_analytics(
    app: &App,
    scope: &Scope,
    id: FormId,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<FormAnalytics, Error> {
    scope.require(Permission::FormsRead)?;
    scope.require_whole_organization()?;
    let to = to.unwrap_or_else(|| app.now().date_naive());
    let from = from
        .or_else(|| to.checked_sub_signed(chrono::TimeDelta::days(DAYS - 1)))
        .unwrap_or(to);
    let mut problems = Problems::new();
    problems.check(from <= to, "from", "must not be after `to`");
    let days = to.signed_duration_since(from).num_days() + 1;
    problems.check(
        days <= MOST_DAYS,
        "from",
        format!("at most {MOST_DAYS} days at a time"),
    );
    problems.finish()?;
    let repos = app.store.read(scope);
    let form = repos.forms().get(id).await?;
    let form = form.ok_or(Error::NotFound { what: "form" })?;
    // Whoever looks wants to see what just happened here.
    write_visits(app).await?;
    let visits = repos.visits().visits(id, from, to).await?;
    let exits = repos.visits().exits(id, from, to).await?;
    Ok(summary(&form, (from, to), &visits, &exits))
}

fn summary(
    form: &Form,
    (from, to): (NaiveDate, NaiveDate),
    visits: &[(VisitKey, Visits)],
    exits: &[(ExitKey, i64)],
) -> FormAnalytics {
    let mut totals = Visits::default();
    let (mut days, mut sources) = (BTreeMap::<_, Visits>::new(), BTreeMap::<_, Visits>::new());
    for (key, count) in visits {
        totals += *count;
        *days.entry(key.day).or_default() += *count;
        *sources.entry(key.source.as_str()).or_default() += *count;
    }
    let mut by_source: Vec<_> = sources.into_iter().collect();
    by_source.sort_by_key(|(_, visits)| std::cmp::Reverse((visits.views, visits.completions)));
    let mut fields = BTreeMap::<_, i64>::new();
    for (key, count) in exits {
        *fields.entry(key.field.as_str()).or_default() += count;
    }
    let place = |name: &str| form.fields.iter().position(|field| field.name == name);
    let mut drop_off: Vec<_> = fields
        .into_iter()
        .map(|(name, exits)| DropOff {
            field: name.to_owned(),
            label: place(name)
                .and_then(|at| form.fields.get(at))
                .map(|field| field.label().to_owned()),
            exits,
        })
        .collect();
    // What the form no longer has comes last.
    drop_off.sort_by_key(|exit| place(&exit.field).unwrap_or(usize::MAX));
    FormAnalytics {
        form_id: form.id,
        from,
        to,
        totals: VisitRates::from(totals),
        by_day: days
            .into_iter()
            .map(|(day, visits)| DayVisits {
                day,
                visits: visits.into(),
            })
            .collect(),
        by_source: by_source
            .into_iter()
            .map(|(source, visits)| SourceVisits {
                source: source.to_owned(),
                visits: visits.into(),
            })
            .collect(),
        drop_off,
    }
}
