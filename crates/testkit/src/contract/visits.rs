//! Visits of forms, unfinished answers, and captchas that are spent.

use super::{Contract, assert_pages};
use chrono::{NaiveDate, TimeDelta};
use groundswell_domain::forms::{
    ExitKey, MOST_SOURCES, OTHER, PARTIAL_LIFE, PartialSort, PartialSubmission, SPENT, SpentChallenge,
    VisitCounts, VisitKey, Visits,
};
use groundswell_domain::{FormId, PageRequest, Scope, Sort, StoreError};
use serde_json::json;
use uuid::Uuid;

pub async fn visits(contract: &Contract) {
    counts_add_up(contract).await;
    sources_have_an_end(contract).await;
    the_newest_of_a_session_is_kept(contract).await;
    partials_are_listed(contract).await;
    a_challenge_is_spent_once(contract).await;
}

async fn form(contract: &Contract, scope: &Scope) -> FormId {
    let form = contract.make.form(scope.organization);
    contract.read(scope).forms().insert(&form).await.unwrap();
    form.id
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, number).unwrap()
}

fn visit(form: FormId, number: u32, source: &str, views: i64) -> (VisitKey, Visits) {
    let key = VisitKey {
        form,
        day: day(number),
        source: source.to_owned(),
    };
    let visits = Visits {
        views,
        starts: 1,
        completions: 0,
    };
    (key, visits)
}

async fn counts_add_up(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let id = form(contract, &mine).await;
    let gone = contract.make.id();
    let exit = |field: &str, number| ExitKey {
        form: id,
        day: day(number),
        field: field.to_owned(),
    };
    let counts = VisitCounts {
        visits: vec![
            visit(id, 2, "news", 3),
            visit(id, 1, "direct", 1),
            visit(gone, 1, "direct", 1),
        ],
        exits: vec![(exit("name", 1), 2), (exit("email", 2), 1)],
    };
    for _ in 0..2 {
        let unit = contract.begin(&mine).await;
        unit.visits().count(&counts).await.unwrap();
        unit.commit().await.unwrap();
    }
    // Who can't reach the form counts nothing.
    contract.read(&other).visits().count(&counts).await.unwrap();
    let repos = contract.read(&mine);
    let found = repos.visits().visits(id, day(1), day(2)).await.unwrap();
    let twice = |views| Visits {
        views,
        starts: 2,
        completions: 0,
    };
    let expected = [
        (visit(id, 1, "direct", 0).0, twice(2)),
        (visit(id, 2, "news", 0).0, twice(6)),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        repos.visits().visits(id, day(2), day(9)).await.unwrap(),
        expected[1..]
    );
    let exits = repos.visits().exits(id, day(1), day(2)).await.unwrap();
    assert_eq!(exits, [(exit("name", 1), 4), (exit("email", 2), 2)]);
    let theirs = contract.read(&other);
    assert!(
        theirs
            .visits()
            .visits(id, day(1), day(9))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        theirs
            .visits()
            .exits(id, day(1), day(9))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(repos.forms().delete(id).await.unwrap());
    assert!(
        repos
            .visits()
            .visits(id, day(1), day(9))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn sources_have_an_end(contract: &Contract) {
    let scope = contract.organization().await;
    let id = form(contract, &scope).await;
    let many = (0..MOST_SOURCES + 7).map(|number| visit(id, 1, &format!("s{number:03}"), 1));
    let counts = VisitCounts {
        visits: many.chain([visit(id, 2, "zzz", 1)]).collect(),
        exits: Vec::new(),
    };
    let unit = contract.begin(&scope).await;
    unit.visits().count(&counts).await.unwrap();
    // One that is known already keeps its name.
    let known = VisitCounts {
        visits: vec![visit(id, 1, "s000", 1)],
        exits: Vec::new(),
    };
    unit.visits().count(&known).await.unwrap();
    unit.commit().await.unwrap();
    let found = contract
        .read(&scope)
        .visits()
        .visits(id, day(1), day(2))
        .await
        .unwrap();
    let views = |source: &str| {
        found
            .iter()
            .find(|(key, _)| key.source == source)
            .map(|(_, visits)| visits.views)
    };
    assert_eq!(
        (views("s000"), views(OTHER), views("zzz")),
        (Some(2), Some(7), Some(1))
    );
}

fn partial(contract: &Contract, form: FormId, session: u128, email: &str) -> PartialSubmission {
    PartialSubmission {
        id: contract.make.id(),
        form_id: form,
        session: Uuid::from_u128(session),
        email: email.parse().unwrap(),
        answers: json!({ "email": email, "ü": [1] }).as_object().unwrap().clone(),
        last_field: Some("ü".to_owned()),
        created_at: contract.make.now(),
        updated_at: contract.make.now(),
    }
}

async fn the_newest_of_a_session_is_kept(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let id = form(contract, &mine).await;
    let repos = contract.read(&mine);
    let list = async || {
        let newest = PageRequest::first(50, Sort::descending(PartialSort::UpdatedAt));
        repos.visits().partials(id, &newest).await.unwrap().items
    };
    let first = partial(contract, id, 1, "Grace@example.com");
    repos.visits().keep_partial(&first).await.unwrap();
    assert_eq!(list().await, std::slice::from_ref(&first));
    contract.make.clock.advance(TimeDelta::seconds(1));
    let mut second = partial(contract, id, 1, "mary@example.com");
    repos.visits().keep_partial(&second).await.unwrap();
    repos.visits().keep_partial(&first).await.unwrap();
    (second.id, second.created_at) = (first.id, first.created_at);
    assert_eq!(
        list().await,
        [second],
        "an older one that comes later changes nothing"
    );

    let strange = contract
        .read(&other)
        .visits()
        .keep_partial(&partial(contract, id, 2, "a@b.de"))
        .await;
    assert!(
        matches!(strange, Err(StoreError::MissingReference { .. })),
        "{strange:?}"
    );
    let finish = async |session: Option<u128>, key: &str| {
        let session = session.map(Uuid::from_u128);
        repos.visits().finish_partial(id, session, key).await.unwrap()
    };
    repos
        .visits()
        .keep_partial(&partial(contract, id, 3, "Grace@Example.com"))
        .await
        .unwrap();
    assert_eq!(finish(None, "nobody@example.com").await, 0);
    assert_eq!(finish(Some(9), "grace@example.com").await, 1);
    assert_eq!(
        contract
            .read(&other)
            .visits()
            .finish_partial(id, Some(Uuid::from_u128(1)), "x")
            .await
            .unwrap(),
        0
    );
    assert_eq!(finish(Some(1), "x").await, 1);
    assert!(list().await.is_empty());

    repos
        .visits()
        .keep_partial(&partial(contract, id, 4, "late@example.com"))
        .await
        .unwrap();
    let now = contract.make.now();
    contract
        .system
        .forget_expired(now + PARTIAL_LIFE - TimeDelta::seconds(1))
        .await
        .unwrap();
    assert_eq!(list().await.len(), 1);
    contract.system.forget_expired(now + PARTIAL_LIFE).await.unwrap();
    assert!(list().await.is_empty());
}

async fn partials_are_listed(contract: &Contract) {
    let scope = contract.organization().await;
    let (id, empty) = (form(contract, &scope).await, form(contract, &scope).await);
    let repos = contract.read(&scope);
    let mut ids = Vec::new();
    for number in 0..7 {
        let partial = partial(contract, id, number, "grace@example.com");
        repos.visits().keep_partial(&partial).await.unwrap();
        ids.push(partial.id);
        if number % 3 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
    }
    let repo = repos.visits();
    assert_pages(
        &ids,
        |partial: &PartialSubmission| partial.id,
        |sort, a, b| match sort {
            PartialSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            PartialSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
        },
        |request| async move { repo.partials(id, &request).await },
    )
    .await;
    let newest = PageRequest::first(50, Sort::descending(PartialSort::UpdatedAt));
    assert!(repo.partials(empty, &newest).await.unwrap().items.is_empty());
}

async fn a_challenge_is_spent_once(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (id, theirs) = (form(contract, &mine).await, form(contract, &other).await);
    let challenge = |form_id, expires_at| SpentChallenge {
        id: Uuid::from_u128(77),
        form_id,
        expires_at,
    };
    let expires = contract.make.now() + TimeDelta::minutes(10);
    let capture = |form, email: &str| {
        let mut capture = contract.make.capture(form, email);
        capture.challenge = Some(challenge(form, expires));
        capture
    };
    let forms = contract.system.forms();
    let first = capture(id, "grace@example.com");
    let lead = forms.capture(mine.organization, first.clone()).await.unwrap();
    // The very same again is a commit that nobody heard of.
    assert_eq!(forms.capture(mine.organization, first).await.unwrap(), lead);
    let again = forms
        .capture(mine.organization, capture(id, "mary@example.com"))
        .await;
    let spent = matches!(&again, Err(StoreError::Duplicate { constraint }) if constraint == SPENT);
    assert!(spent, "{again:?}");
    assert!(
        contract
            .read(&mine)
            .leads()
            .by_email_keys(&["mary@example.com".to_owned()])
            .await
            .unwrap()
            .is_empty()
    );
    forms
        .capture(other.organization, capture(theirs, "eve@example.com"))
        .await
        .unwrap();
    contract.system.forget_expired(expires).await.unwrap();
    forms
        .capture(mine.organization, capture(id, "mary@example.com"))
        .await
        .unwrap();
}
