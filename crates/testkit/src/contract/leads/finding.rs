//! Filters, search, lists and walking through all leads.

use super::counting::{ledger, truth};
#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

#[expect(clippy::too_many_lines, reason = "one table of filters and what they find")]
pub(super) async fn filters(contract: &Contract) {
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
    b.client_id = Some(contract.client(&scope).await.id);
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
                client_id: b.client_id,
                ..all()
            },
            "b",
        ),
        (
            LeadFilter {
                client_id: Some(contract.make.id()),
                ..all()
            },
            "",
        ),
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

pub(super) async fn words_are_searched_literally(contract: &Contract) {
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

pub(super) async fn lists(contract: &Contract) {
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

pub(super) async fn walking_in_order_of_id(contract: &Contract) {
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

pub(super) async fn others_are_out_of_reach(contract: &Contract) {
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
    let own = contract.make.lead("a@example.com");
    assert_eq!(
        theirs.insert_many(std::slice::from_ref(&own)).await.unwrap(),
        [own.id]
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
