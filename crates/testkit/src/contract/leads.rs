//! Leads, their counters and the score ledger.

use super::{Contract, assert_duplicate, assert_pages};
use chrono::TimeDelta;
use groundswell_domain::leads::{
    Axis, Lead, LeadFilter, LeadSort, LeadStatus, Score, ScoreEntry, ScoreRule, ScoreSort, Tags, Upsert,
};
use groundswell_domain::{LeadId, PageRequest, Scope, Sort};
use serde_json::json;
use std::collections::BTreeMap;
use tokio::task::JoinSet;

pub async fn leads(contract: &Contract) {
    kept_as_they_are(contract).await;
    upserting_finds_or_creates(contract).await;
    simultaneous_upserts_make_one_lead(contract).await;
    stale_versions_change_nothing(contract).await;
    filters(contract).await;
    words_are_searched_literally(contract).await;
    lists(contract).await;
    walking_in_order_of_id(contract).await;
    many_at_once(contract).await;
    the_score_is_the_sum_of_the_ledger(contract).await;
    counters_are_the_truth(contract).await;
    counting_side_by_side(contract).await;
    others_are_out_of_reach(contract).await;
}

/// The address and the name are as nasty as they may be.
fn nasty(contract: &Contract) -> Lead {
    let mut lead = contract.make.lead("O'Neil+100%_x@Example.COM");
    lead.name = "Robert'); DROP TABLE leads;-- \u{1F469}\u{200D}\u{1F680} \"ü\" \\ % _ $1 ?".to_owned();
    lead.phone = Some("+49 30 1234".to_owned());
    lead.title = Some(String::new());
    lead.tags = Tags::parse(["vip", "straße", "o'neil", "a\"b", "\u{1F600}"]).unwrap();
    lead.custom_fields.insert(
        "plan \"x\"".to_owned(),
        json!({ "deep": [1, -0.5, null, true, "'\u{1F600}\\"] }),
    );
    lead.utm.source = Some("fair".to_owned());
    lead.utm.medium = Some("qr".to_owned());
    lead.utm.campaign = Some("spring".to_owned());
    lead.client_id = Some(contract.make.id());
    lead.created_at += TimeDelta::microseconds(1);
    lead
}

async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut lead = nasty(contract);
    lead.score = Score {
        total: 9,
        fit: 4,
        engagement: 5,
    };
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.commit().await.unwrap();
    lead.score = Score::default();
    let repos = contract.read(&scope);
    assert_eq!(
        repos.leads().get(lead.id).await.unwrap(),
        Some(lead.clone()),
        "the score is taken as 0"
    );
    assert_eq!(repos.leads().get(contract.make.id()).await.unwrap(), None);
    let unit = contract.begin(&scope).await;
    assert_duplicate(
        unit.leads()
            .insert(&contract.make.lead("o'neil+100%_X@example.com"))
            .await,
    );
    drop(unit);
    assert_eq!(
        repos.leads().status_counts().await.unwrap().total(),
        1,
        "a failed insert is not counted"
    );
}

fn entry(contract: &Contract, lead: LeadId, event: &str) -> ScoreEntry {
    ScoreRule::FormSubmitted.entry(contract.make.id(), lead, event.to_owned(), contract.make.now())
}

async fn upserting_finds_or_creates(contract: &Contract) {
    let scope = contract.organization().await;
    let mut lead = contract.make.lead("First@Example.com");
    let first = entry(contract, lead.id, "submission:1");
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.leads().insert_or_find(&lead, &[first]).await.unwrap(),
        Upsert::Created
    );
    unit.commit().await.unwrap();
    lead.score = Score {
        total: 10,
        fit: 0,
        engagement: 10,
    };

    let second = contract.make.lead("first@example.COM");
    let unit = contract.begin(&scope).await;
    let entries = [entry(contract, second.id, "submission:2")];
    let found = unit.leads().insert_or_find(&second, &entries).await.unwrap();
    assert_eq!(
        found,
        Upsert::Found(Box::new(lead.clone())),
        "with its score, and nothing changed"
    );
    unit.commit().await.unwrap();

    let repos = contract.read(&scope);
    assert_eq!(repos.leads().get(lead.id).await.unwrap(), Some(lead.clone()));
    assert_eq!(repos.leads().get(second.id).await.unwrap(), None);
    assert_eq!(ledger(contract, &scope, lead.id).await.len(), 1);
    assert_eq!(
        repos.leads().status_counts().await.unwrap().of(LeadStatus::New),
        1
    );

    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.leads()
            .insert_or_find(&contract.make.lead("x@example.com"), &[])
            .await
            .unwrap(),
        Upsert::Created
    );
    drop(unit);
    assert_eq!(
        repos.leads().count(&LeadFilter::default()).await.unwrap(),
        1,
        "what is not committed is not there"
    );
    assert_eq!(repos.leads().status_counts().await.unwrap().total(), 1);
}

async fn simultaneous_upserts_make_one_lead(contract: &Contract) {
    let scope = contract.organization().await;
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let (store, scope) = (contract.store.clone(), scope.clone());
        let lead = contract.make.lead("same@example.com");
        let mine = entry(contract, lead.id, &format!("submission:{number}"));
        let again = entry(contract, lead.id, &format!("submission:{number}"));
        tasks.spawn(async move {
            let unit = store.begin(&scope).await.unwrap();
            let created = match unit.leads().insert_or_find(&lead, &[mine]).await.unwrap() {
                Upsert::Created => true,
                Upsert::Found(found) => {
                    let entry = ScoreEntry {
                        lead_id: found.id,
                        ..again
                    };
                    assert_eq!(unit.leads().add_score(&[entry]).await.unwrap(), 1);
                    false
                }
            };
            unit.commit().await.unwrap();
            created
        });
    }
    let created = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|created| *created)
        .count();
    assert_eq!(created, 1);
    let repos = contract.read(&scope);
    let all = repos
        .leads()
        .after(&LeadFilter::default(), None, 100)
        .await
        .unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].score.total, 200, "every submission counts");
    assert_eq!(repos.leads().status_counts().await.unwrap().total(), 1);
}

async fn stale_versions_change_nothing(contract: &Contract) {
    let scope = contract.organization().await;
    let lead = contract.make.lead("a@example.com");
    let taken = contract.make.lead("taken@example.com");
    let unit = contract.begin(&scope).await;
    unit.leads().insert(&lead).await.unwrap();
    unit.leads().insert(&taken).await.unwrap();
    unit.leads()
        .add_score(&[entry(contract, lead.id, "x")])
        .await
        .unwrap();
    unit.commit().await.unwrap();

    let mut changed = Lead {
        id: lead.id,
        ..nasty(contract)
    };
    changed.status = LeadStatus::Qualified;
    changed.score = Score {
        total: 999,
        fit: 999,
        engagement: 0,
    };
    changed.updated_at = contract.make.clock.advance(TimeDelta::seconds(1));
    let unit = contract.begin(&scope).await;
    assert!(
        !unit.leads().update(&changed, 2).await.unwrap(),
        "it is at version 1"
    );
    assert!(unit.leads().update(&changed, 1).await.unwrap());
    assert!(
        !unit.leads().update(&changed, 1).await.unwrap(),
        "it is at version 2"
    );
    unit.commit().await.unwrap();
    changed.version = 2;
    changed.score = Score {
        total: 10,
        fit: 0,
        engagement: 10,
    };
    changed.created_at = lead.created_at;
    let repos = contract.read(&scope);
    assert_eq!(
        repos.leads().get(lead.id).await.unwrap(),
        Some(changed.clone()),
        "without score and creation"
    );
    let counts = repos.leads().status_counts().await.unwrap();
    assert_eq!(
        (counts.of(LeadStatus::New), counts.of(LeadStatus::Qualified)),
        (1, 1)
    );

    changed.email = "TAKEN@example.com".parse().unwrap();
    let unit = contract.begin(&scope).await;
    assert_duplicate(unit.leads().update(&changed, 2).await);
}

async fn add(contract: &Contract, scope: &Scope, leads: &[Lead]) {
    let unit = contract.begin(scope).await;
    for lead in leads {
        unit.leads().insert(lead).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn found(contract: &Contract, scope: &Scope, filter: &LeadFilter) -> Vec<String> {
    let repos = contract.read(scope);
    let leads = repos.leads().after(filter, None, 10_000).await.unwrap();
    assert_eq!(
        repos.leads().count(filter).await.unwrap(),
        i64::try_from(leads.len()).unwrap(),
        "{filter:?}"
    );
    leads.iter().map(|lead| lead.email.as_str().to_owned()).collect()
}

async fn filters(contract: &Contract) {
    let scope = contract.organization().await;
    let mut a = contract.make.lead("a@example.com");
    a.tags = Tags::parse(["red", "o'neil"]).unwrap();
    a.company = Some("ÄRZTE & Söhne".to_owned());
    contract.make.clock.advance(TimeDelta::seconds(10));
    let mut b = contract.make.lead("b@example.com");
    b.tags = Tags::parse(["red", "blue", "redder"]).unwrap();
    b.status = LeadStatus::Qualified;
    b.source = "import".to_owned();
    // Not in the company, though everywhere else.
    b.name = "ärzte".to_owned();
    b.title = Some("ärzte".to_owned());
    b.company = None;
    add(contract, &scope, &[a.clone(), b.clone()]).await;
    let unit = contract.begin(&scope).await;
    unit.leads()
        .add_score(&[entry(contract, b.id, "x")])
        .await
        .unwrap();
    unit.commit().await.unwrap();

    let all = LeadFilter::default;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let checks = [
        (all(), "ab"),
        (
            LeadFilter {
                tags_any: words(&["blue", "o'neil"]),
                ..all()
            },
            "ab",
        ),
        (
            LeadFilter {
                tags_any: words(&["blue", "none"]),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                tags_any: words(&["re"]),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                tags_all: words(&["red", "blue"]),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                tags_all: words(&["red"]),
                ..all()
            },
            "ab",
        ),
        (
            LeadFilter {
                tags_any: words(&["o'neil"]),
                tags_all: words(&["blue"]),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                status: Some(LeadStatus::Qualified),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                source: Some("import".to_owned()),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                min_score: Some(10),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                min_score: Some(11),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                lead_ids: Some(vec![a.id, contract.make.id()]),
                ..all()
            },
            "a",
        ),
        (
            LeadFilter {
                lead_ids: Some(Vec::new()),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                company: Some("ärzte".to_owned()),
                ..all()
            },
            "a",
        ),
        (
            LeadFilter {
                company: Some("SÖHNE".to_owned()),
                ..all()
            },
            "a",
        ),
        (
            LeadFilter {
                company: Some("example".to_owned()),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                segment_id: Some(contract.make.id()),
                ..all()
            },
            "",
        ),
        (
            LeadFilter {
                created_from: Some(b.created_at),
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                created_before: Some(b.created_at),
                ..all()
            },
            "a",
        ),
    ];
    for (filter, expected) in checks {
        let expected: Vec<_> = expected
            .chars()
            .map(|letter| format!("{letter}@example.com"))
            .collect();
        assert_eq!(found(contract, &scope, &filter).await, expected, "{filter:?}");
    }
}

async fn words_are_searched_literally(contract: &Contract) {
    let scope = contract.organization().await;
    let lead = |email: &str, name: &str| Lead {
        name: name.to_owned(),
        ..contract.make.lead(email)
    };
    add(
        contract,
        &scope,
        &[
            lead("one@example.com", "100% Ünal_x"),
            lead("two@example.com", "100 Prozent \\ back"),
            lead("three@other.com", "Émile \u{1F680}"),
        ],
    )
    .await;
    for (text, expected) in [
        ("", &["one@example.com", "two@example.com", "three@other.com"][..]),
        ("100", &["one@example.com", "two@example.com"]),
        ("100%", &["one@example.com"]),
        ("l_x", &["one@example.com"]),
        ("_", &["one@example.com"]),
        ("\\", &["two@example.com"]),
        ("  ÜNAL   One@EX ", &["one@example.com"]),
        ("ünal two", &[]),
        ("émile", &["three@other.com"]),
        ("\u{1F680} ltd", &["three@other.com"]),
        ("'; DROP", &[]),
    ] {
        let filter = LeadFilter {
            text: Some(text.to_owned()),
            ..LeadFilter::default()
        };
        assert_eq!(found(contract, &scope, &filter).await, expected, "{text:?}");
    }
}

async fn lists(contract: &Contract) {
    let scope = contract.organization().await;
    let mut leads = Vec::new();
    for number in 0..7 {
        // Shared times, names and scores: the id must break the ties.
        if number % 3 == 0 {
            contract.make.clock.advance(TimeDelta::microseconds(1));
        }
        let mut lead = contract.make.lead(&format!(
            "{}@example.com",
            ["d", "b", "e", "a", "g", "c", "f"][number]
        ));
        lead.name = ["", "ab", "aa"][number % 3].to_owned();
        leads.push(lead);
    }
    add(contract, &scope, &leads).await;
    let unit = contract.begin(&scope).await;
    unit.leads()
        .add_score(&[
            entry(contract, leads[2].id, "x"),
            entry(contract, leads[5].id, "x"),
        ])
        .await
        .unwrap();
    unit.commit().await.unwrap();
    let ids: Vec<_> = leads.iter().map(|lead| lead.id).collect();
    let store = &contract.store;
    assert_pages(
        &ids,
        |lead: &Lead| lead.id,
        |field, a, b| match field {
            LeadSort::CreatedAt => (a.created_at, a.id) < (b.created_at, b.id),
            LeadSort::UpdatedAt => (a.updated_at, a.id) < (b.updated_at, b.id),
            LeadSort::Name => (&a.name, a.id) < (&b.name, b.id),
            LeadSort::Email => a.email.key() < b.email.key(),
            LeadSort::Score => (a.score.total, a.id) < (b.score.total, b.id),
        },
        |page| {
            let repos = store.read(&scope);
            async move { repos.leads().list(&LeadFilter::default(), &page).await }
        },
    )
    .await;
}

async fn walking_in_order_of_id(contract: &Contract) {
    let scope = contract.organization().await;
    let leads: Vec<_> = (0..5)
        .map(|n| contract.make.lead(&format!("{}@example.com", 9 - n)))
        .collect();
    add(contract, &scope, &leads).await;
    let repos = contract.read(&scope);
    let (mut after, mut met) = (None, Vec::new());
    loop {
        let piece = repos
            .leads()
            .after(&LeadFilter::default(), after, 2)
            .await
            .unwrap();
        let Some(last) = piece.last() else { break };
        assert!(piece.len() <= 2);
        after = Some(last.id);
        met.extend(piece);
    }
    assert_eq!(met, leads);
}

async fn many_at_once(contract: &Contract) {
    let scope = contract.organization().await;
    let number = |n: usize| contract.make.lead(&format!("lead{n}@example.com"));
    let mut leads: Vec<_> = (0..2_000).map(number).collect();
    leads[7].tags = Tags::parse(["one"]).unwrap();
    for lead in &mut leads[..500] {
        lead.status = LeadStatus::Contacted;
    }
    add(contract, &scope, &[contract.make.lead("LEAD3@example.com")]).await;
    let unit = contract.begin(&scope).await;
    let mut added = unit.leads().insert_many(&leads).await.unwrap();
    added.sort_unstable();
    let expected: Vec<_> = leads
        .iter()
        .filter(|lead| lead.email.key() != "lead3@example.com")
        .map(|l| l.id)
        .collect();
    assert_eq!(added, expected, "all but the one that was there");
    assert_eq!(unit.leads().insert_many(&leads).await.unwrap(), Vec::new());
    assert_eq!(unit.leads().insert_many(&[]).await.unwrap(), Vec::new());
    unit.commit().await.unwrap();
    truth(contract, &scope).await;

    let keys: Vec<_> = leads.iter().map(|lead| lead.email.key()).collect();
    let unit = contract.begin(&scope).await;
    let mut there = unit.leads().by_email_keys(&keys).await.unwrap();
    assert_eq!(there.len(), 2_000);
    assert_eq!(
        unit.leads()
            .by_email_keys(&["nobody@example.com".to_owned()])
            .await
            .unwrap(),
        Vec::new()
    );
    assert_eq!(unit.leads().by_email_keys(&[]).await.unwrap(), Vec::new());
    there.sort_unstable_by_key(|lead| lead.id);
    let model = nasty(contract);
    for lead in &mut there {
        lead.name.clone_from(&model.name);
        lead.custom_fields.clone_from(&model.custom_fields);
        lead.tags.clone_from(&model.tags);
        lead.utm.clone_from(&model.utm);
        lead.phone = None;
        lead.client_id = model.client_id;
        lead.status = LeadStatus::Converted;
        lead.updated_at += TimeDelta::microseconds(7);
    }
    unit.leads().update_many(&there).await.unwrap();
    unit.leads().update_many(&[]).await.unwrap();
    unit.commit().await.unwrap();
    for lead in &mut there {
        lead.version += 1;
    }
    let repos = contract.read(&scope);
    let now = repos
        .leads()
        .after(&LeadFilter::default(), None, 5_000)
        .await
        .unwrap();
    assert_eq!(now, there);
    assert_eq!(
        repos
            .leads()
            .status_counts()
            .await
            .unwrap()
            .of(LeadStatus::Converted),
        2_000
    );
    let ids = Some(leads.iter().map(|lead| lead.id).collect());
    assert_eq!(
        found(
            contract,
            &scope,
            &LeadFilter {
                lead_ids: ids,
                ..LeadFilter::default()
            }
        )
        .await
        .len(),
        1_999
    );
    truth(contract, &scope).await;
}

async fn ledger(contract: &Contract, scope: &Scope, lead: LeadId) -> Vec<ScoreEntry> {
    let page = PageRequest::first(200, Sort::descending(ScoreSort::CreatedAt));
    contract
        .read(scope)
        .leads()
        .score_entries(lead, &page)
        .await
        .unwrap()
        .items
}

async fn the_score_is_the_sum_of_the_ledger(contract: &Contract) {
    let scope = contract.organization().await;
    let (a, b) = (
        contract.make.lead("a@example.com"),
        contract.make.lead("b@example.com"),
    );
    add(contract, &scope, &[a.clone(), b.clone()]).await;
    let fit = ScoreEntry {
        axis: Axis::Fit,
        rule: "fits".to_owned(),
        points: -3,
        ..entry(contract, a.id, "x")
    };
    let entries = [
        entry(contract, a.id, "x"),
        fit,
        entry(contract, b.id, "x"),
        entry(contract, contract.make.id(), "x"),
    ];
    let unit = contract.begin(&scope).await;
    assert_eq!(
        unit.leads().add_score(&entries).await.unwrap(),
        3,
        "one lead does not exist"
    );
    assert_eq!(
        unit.leads().add_score(&entries).await.unwrap(),
        0,
        "once per rule and event"
    );
    assert_eq!(
        unit.leads()
            .add_score(&[entry(contract, a.id, "x"), entry(contract, a.id, "y")])
            .await
            .unwrap(),
        1
    );
    assert_eq!(unit.leads().add_score(&[]).await.unwrap(), 0);
    let many: Vec<_> = (0..2_500)
        .map(|n| entry(contract, b.id, &format!("many:{n}")))
        .collect();
    assert_eq!(unit.leads().add_score(&many).await.unwrap(), 2_500);
    unit.commit().await.unwrap();

    let repos = contract.read(&scope);
    let now = repos.leads().get(a.id).await.unwrap().unwrap();
    assert_eq!(
        now.score,
        Score {
            total: 17,
            fit: -3,
            engagement: 20
        }
    );
    assert_eq!(now.score, Score::sum(&ledger(contract, &scope, a.id).await));
    assert_eq!(
        (now.version, now.updated_at),
        (a.version, a.updated_at),
        "a score is no edit"
    );
    assert_eq!(
        repos.leads().get(b.id).await.unwrap().unwrap().score.total,
        25_010
    );

    let ids: Vec<_> = ledger(contract, &scope, a.id)
        .await
        .iter()
        .map(|entry| entry.id)
        .collect();
    let store = &contract.store;
    assert_pages(
        &ids,
        |entry: &ScoreEntry| entry.id,
        |ScoreSort::CreatedAt, first, second| (first.created_at, first.id) < (second.created_at, second.id),
        |page| {
            let (repos, lead) = (store.read(&scope), a.id);
            async move { repos.leads().score_entries(lead, &page).await }
        },
    )
    .await;

    let unit = contract.begin(&scope).await;
    assert!(unit.leads().delete(a.id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(ledger(contract, &scope, a.id).await, []);
}

/// Compares the counters with what is really there.
async fn truth(contract: &Contract, scope: &Scope) {
    let repos = contract.read(scope);
    let mut truth = BTreeMap::new();
    for lead in repos
        .leads()
        .after(&LeadFilter::default(), None, 10_000)
        .await
        .unwrap()
    {
        *truth.entry(lead.status).or_insert(0) += 1;
    }
    let counted: BTreeMap<_, _> = repos
        .leads()
        .status_counts()
        .await
        .unwrap()
        .0
        .into_iter()
        .collect();
    assert_eq!(counted, truth);
}

/// A sequence that is the same in every run (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

async fn counters_are_the_truth(contract: &Contract) {
    let scope = contract.organization().await;
    let mut dice = Dice(1);
    let status = |dice: &mut Dice| LeadStatus::ALL[dice.roll(LeadStatus::ALL.len())];
    let mut there = Vec::<LeadId>::new();
    for step in 0..150 {
        let unit = contract.begin(&scope).await;
        let kept = dice.roll(5) > 0;
        let mut new = contract.make.lead(&format!("{step}@example.com"));
        new.status = status(&mut dice);
        let any = (!there.is_empty()).then(|| there[dice.roll(there.len())]);
        match (dice.roll(6), any) {
            (0, _) | (_, None) => {
                unit.leads().insert(&new).await.unwrap();
                there.extend(kept.then_some(new.id));
            }
            (1, _) => {
                unit.leads()
                    .insert_or_find(&new, &[entry(contract, new.id, "x")])
                    .await
                    .unwrap();
                there.extend(kept.then_some(new.id));
            }
            (2, _) => {
                let mut more = contract.make.lead(&format!("more{step}@example.com"));
                more.status = status(&mut dice);
                unit.leads()
                    .insert_many(&[new.clone(), more.clone()])
                    .await
                    .unwrap();
                there.extend([new.id, more.id].into_iter().filter(|_| kept));
            }
            (3, Some(id)) => {
                let mut lead = unit.leads().get(id).await.unwrap().unwrap();
                lead.status = status(&mut dice);
                assert!(unit.leads().update(&lead, lead.version).await.unwrap());
            }
            (4, Some(_)) => {
                let all = unit.leads().after(&LeadFilter::default(), None, 5).await.unwrap();
                let keys: Vec<_> = all.iter().map(|lead| lead.email.key()).collect();
                let mut all = unit.leads().by_email_keys(&keys).await.unwrap();
                for lead in &mut all {
                    lead.status = status(&mut dice);
                }
                unit.leads().update_many(&all).await.unwrap();
            }
            (_, Some(id)) => {
                assert!(unit.leads().delete(id).await.unwrap());
                assert!(!unit.leads().delete(id).await.unwrap());
                there.retain(|there| *there != id || !kept);
            }
        }
        if kept {
            unit.commit().await.unwrap();
        }
    }
    assert!(there.len() > 20);
    assert_eq!(
        found(contract, &scope, &LeadFilter::default()).await.len(),
        there.len()
    );
    truth(contract, &scope).await;
}

async fn counting_side_by_side(contract: &Contract) {
    let scope = contract.organization().await;
    let mut tasks = JoinSet::new();
    for task in 0..8_usize {
        let (store, scope) = (contract.store.clone(), scope.clone());
        let leads: Vec<_> = (0..20)
            .map(|n| {
                let mut lead = contract.make.lead(&format!("{task}.{n}@example.com"));
                lead.status = LeadStatus::ALL[(task + n) % LeadStatus::ALL.len()];
                lead
            })
            .collect();
        tasks.spawn(async move {
            for (round, lead) in leads.iter().enumerate() {
                let unit = store.begin(&scope).await.unwrap();
                unit.leads()
                    .insert_many(std::slice::from_ref(lead))
                    .await
                    .unwrap();
                let mut keys: Vec<_> = leads[..=round].iter().map(|lead| lead.email.key()).collect();
                keys.reverse();
                let mut mine = unit.leads().by_email_keys(&keys).await.unwrap();
                for lead in &mut mine {
                    lead.status = LeadStatus::ALL[(task * 3 + round) % LeadStatus::ALL.len()];
                }
                unit.leads().update_many(&mine).await.unwrap();
                unit.commit().await.unwrap();
                let unit = store.begin(&scope).await.unwrap();
                let lead = unit.leads().get(lead.id).await.unwrap().unwrap();
                let changed = Lead {
                    status: LeadStatus::Converted,
                    ..lead.clone()
                };
                assert!(unit.leads().update(&changed, lead.version).await.unwrap());
                unit.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(
        contract
            .read(&scope)
            .leads()
            .status_counts()
            .await
            .unwrap()
            .total(),
        160
    );
    truth(contract, &scope).await;
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let lead = contract.make.lead("a@example.com");
    add(contract, &mine, std::slice::from_ref(&lead)).await;
    let unit = contract.begin(&other).await;
    let theirs = unit.leads();
    assert_eq!(theirs.get(lead.id).await.unwrap(), None);
    assert_eq!(theirs.by_email_keys(&[lead.email.key()]).await.unwrap(), []);
    assert!(!theirs.update(&lead, 1).await.unwrap());
    let changed = Lead {
        name: "Stolen".to_owned(),
        status: LeadStatus::Converted,
        ..lead.clone()
    };
    theirs.update_many(&[changed]).await.unwrap();
    assert_eq!(
        theirs.add_score(&[entry(contract, lead.id, "x")]).await.unwrap(),
        0
    );
    assert!(!theirs.delete(lead.id).await.unwrap());
    assert_eq!(theirs.status_counts().await.unwrap().total(), 0);
    assert_eq!(
        theirs
            .insert_or_find(&contract.make.lead("a@example.com"), &[])
            .await
            .unwrap(),
        Upsert::Created
    );
    unit.commit().await.unwrap();
    assert_eq!(
        contract.read(&mine).leads().get(lead.id).await.unwrap(),
        Some(lead)
    );
    assert_eq!(ledger(contract, &other, contract.make.id()).await, []);
    truth(contract, &mine).await;
    truth(contract, &other).await;
}
