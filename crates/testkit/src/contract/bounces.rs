//! Mails that came back are kept once, and counted.

use super::Contract;
use chrono::TimeDelta;
use groundswell_domain::email::bounce::{BounceKind, BounceReason, KeptBounce};

#[allow(clippy::too_many_lines, reason = "one story, told in order")]
pub async fn bounces(contract: &Contract) {
    let scope = contract.organization().await;
    let start = contract.make.now();
    let bounce = |key: &str, address: &str, kind| KeptBounce {
        id: contract.make.id(),
        event_key: key.to_owned(),
        message_id: Some(contract.make.id()),
        address: address.to_owned(),
        kind,
        reason: BounceReason::MailboxFull,
        status: Some("4.2.2".to_owned()),
        diagnostic: "452 4.2.2 it's full".to_owned(),
        created_at: contract.make.clock.advance(TimeDelta::hours(1)),
    };
    let unit = contract.begin(&scope).await;
    assert!(
        unit.bounces()
            .keep(&bounce("a", "one", BounceKind::Soft))
            .await
            .unwrap()
    );
    assert!(
        !unit
            .bounces()
            .keep(&bounce("a", "other", BounceKind::Hard))
            .await
            .unwrap(),
        "taken once"
    );
    assert!(
        unit.bounces()
            .keep(&bounce("b", "one", BounceKind::Soft))
            .await
            .unwrap()
    );
    assert!(
        unit.bounces()
            .keep(&bounce("c", "one", BounceKind::Notice))
            .await
            .unwrap()
    );
    assert!(
        unit.bounces()
            .keep(&bounce("d", "two", BounceKind::Soft))
            .await
            .unwrap()
    );
    unit.commit().await.unwrap();

    let repos = contract.store.read(&scope);
    let count = async |address, hours| {
        let since = start + TimeDelta::hours(hours);
        repos
            .bounces()
            .count(address, BounceKind::Soft, since)
            .await
            .unwrap()
    };
    assert_eq!(
        (
            count("one", 0).await,
            count("two", 0).await,
            count("none", 0).await
        ),
        (2, 1, 0)
    );
    assert_eq!(
        (count("one", 3).await, count("one", 4).await),
        (1, 0),
        "since then, that moment included"
    );

    // Those that are old go, the oldest first, whosever they are: "d" is four hours old, "a" seven.
    let start_of = |hours| start + TimeDelta::hours(hours);
    let forget = async |before, limit| {
        contract
            .system
            .sending()
            .forget_bounces(before, limit)
            .await
            .unwrap()
    };
    assert_eq!(forget(start_of(1), 10).await, 0);
    assert_eq!((forget(start_of(4), 1).await, count("one", 0).await), (1, 1));
    assert_eq!((forget(start_of(4), 10).await, count("one", 0).await), (1, 0));
    assert_eq!(count("two", 0).await, 1, "younger");

    let stranger = contract.organization().await;
    let unit = contract.begin(&stranger).await;
    assert_eq!(
        unit.bounces()
            .count("one", BounceKind::Soft, start)
            .await
            .unwrap(),
        0
    );
    assert!(
        unit.bounces()
            .keep(&bounce("a", "one", BounceKind::Soft))
            .await
            .unwrap(),
        "their key is theirs"
    );
    unit.commit().await.unwrap();
}
