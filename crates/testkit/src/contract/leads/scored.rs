//! Scores where leads are read.

#[allow(clippy::wildcard_imports, reason = "the parts of one suite share its helpers")]
use super::*;
use groundswell_domain::segments::{Chosen, Condition, Moment, Rule};
use std::sync::Arc;

async fn points(contract: &Contract, scope: &Scope, lead: LeadId, fit: i32, engagement: i32) {
    let line = |axis, points| ScoreEntry {
        axis,
        points,
        rule: format!("{axis:?}"),
        ..entry(contract, lead, "x")
    };
    let lines = [line(Axis::Fit, fit), line(Axis::Engagement, engagement)];
    let unit = contract.begin(scope).await;
    unit.leads().add_score(&lines).await.unwrap();
    unit.commit().await.unwrap();
}

/// In both directions, alone and together with each kind of condition on scores.
pub(super) async fn pages_by_score(contract: &Contract) {
    let (scope, other) = (contract.organization().await, contract.organization().await);
    let all: Vec<_> = (0..23)
        .map(|n| contract.make.lead(&format!("scored{n}@example.com")))
        .collect();
    add(contract, &scope, &all).await;
    add(contract, &other, &[contract.make.lead("scored@example.com")]).await;
    for (n, lead) in all.iter().enumerate() {
        let n = i32::try_from(n).unwrap();
        // Many with the same score, some without any points.
        points(contract, &scope, lead.id, n % 3 - 1, 10 * (n % 4)).await;
    }
    let conditions = [
        "",
        "score.total >= 10",
        "not score.fit > 0 or score.engagement = 30",
    ];
    for (min_score, condition) in [None, Some(9), Some(30), Some(1_000)]
        .into_iter()
        .flat_map(|least| conditions.map(|condition| (least, condition)))
    {
        let segment = (!condition.is_empty()).then(|| {
            Chosen::Rule(Arc::new(Rule {
                condition: Condition::parse(condition).unwrap(),
                moment: Moment {
                    now: contract.make.now(),
                    time_zone: "UTC".parse().unwrap(),
                },
                client: None,
            }))
        });
        let filter = LeadFilter {
            min_score,
            segment,
            ..LeadFilter::default()
        };
        let repos = contract.read(&scope);
        let walked = repos.leads().after(&filter, None, 100).await.unwrap();
        let counted = repos.leads().count(&filter).await.unwrap();
        assert_eq!(usize::try_from(counted).unwrap(), walked.len());
        for lead in &walked {
            assert_eq!(repos.leads().get(lead.id).await.unwrap().as_ref(), Some(lead));
        }
        for sort in ["score", "-score", "name"] {
            let descends = sort.starts_with('-');
            let mut page = PageRequest::<LeadSort>::first(4, Sort::parse(sort).unwrap());
            page.with_total = true;
            let mut found = Vec::new();
            loop {
                let part = repos.leads().list(&filter, &page).await.unwrap();
                assert_eq!(part.total, Some(walked.len() as u64));
                found.extend(part.items);
                page.cursor = part.next;
                if page.cursor.is_none() {
                    break;
                }
            }
            if page.sort.field == LeadSort::Score {
                let key = |lead: &Lead| (lead.score.total, lead.id);
                assert!(found.is_sorted_by(|a, b| if descends {
                    key(a) > key(b)
                } else {
                    key(a) < key(b)
                }));
            }
            found.sort_by_key(|lead| lead.id);
            assert_eq!(found, walked, "{min_score:?} {condition}");
        }
    }
}

/// A score that was written under the lead's lock is seen by whoever waited for it.
pub(super) async fn whoever_waited_reads_what_was_written(contract: &Contract) {
    let scope = contract.organization().await;
    let lead = contract.make.lead("waited@example.com");
    add(contract, &scope, std::slice::from_ref(&lead)).await;
    for round in 1..=20 {
        let unit = contract.begin(&scope).await;
        let line = entry(contract, lead.id, &format!("round:{round}"));
        unit.leads().add_score(&[line]).await.unwrap();
        let (store, waiting, key) = (contract.store.clone(), scope.clone(), lead.email.key());
        let waits = tokio::spawn(async move {
            let unit = store.begin(&waiting).await.unwrap();
            unit.leads().by_email_keys(&[key]).await.unwrap()
        });
        tokio::task::yield_now().await;
        contract.read(&scope).leads().get(lead.id).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(waits.await.unwrap()[0].score.total, 10 * round);
    }
}
