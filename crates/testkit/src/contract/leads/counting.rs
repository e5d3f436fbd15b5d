//! Scores and counters, against the truth.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;

pub(super) async fn ledger(contract: &Contract, scope: &Scope, lead: LeadId) -> Vec<ScoreEntry> {
    let page = PageRequest::first(200, Sort::descending(ScoreSort::CreatedAt));
    contract
        .read(scope)
        .leads()
        .score_entries(lead, None, &page)
        .await
        .unwrap()
        .items
}

pub(super) async fn the_score_is_the_sum_of_the_ledger(contract: &Contract) {
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
            async move { repos.leads().score_entries(lead, None, &page).await }
        },
    )
    .await;

    let unit = contract.begin(&scope).await;
    assert!(unit.leads().delete(a.id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(ledger(contract, &scope, a.id).await, []);
}

/// Compares the counters with what is really there.
pub(super) async fn truth(contract: &Contract, scope: &Scope) {
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

pub(super) async fn counters_are_the_truth(contract: &Contract) {
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
            (1 | 2, _) => {
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

pub(super) async fn counting_side_by_side(contract: &Contract) {
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
