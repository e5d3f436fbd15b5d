//! What `groundswell_domain::limits::RateLimiter` promises. Rates are so slow, or waits so exact, that it does not matter how
//! busy the machine is.

use groundswell_domain::limits::{Attempt, Bucket, FREE_FAILURES, Rate, RateLimiter, Verdict};
use std::sync::Arc;
use std::time::Duration;

/// Lets time pass: a test clock is moved, a server's own must be waited for.
#[async_trait::async_trait]
pub trait Time: Send + Sync {
    async fn pass(&self, time: Duration);
}

const HOUR: Duration = Duration::from_hours(1);

fn bucket(key: &str, burst: u32) -> Bucket {
    Bucket {
        key: key.to_owned(),
        rate: Rate::new(burst, HOUR, burst),
    }
}

fn attempt(account: &str, place: &str) -> Attempt {
    Attempt {
        account: account.to_owned(),
        place: place.to_owned(),
    }
}

/// Everything. The limiter is new, or nobody has used these keys before.
pub async fn check(limiter: Arc<dyn RateLimiter>, time: &dyn Time) {
    a_burst_and_then_nothing(limiter.as_ref()).await;
    one_comes_back_after_its_time(limiter.as_ref(), time).await;
    from_each_or_from_none(limiter.as_ref()).await;
    what_is_given_back_was_never_taken(limiter.as_ref()).await;
    many_at_once_get_no_more(limiter.clone()).await;
    the_wait_grows_and_a_right_one_ends_it(limiter.as_ref(), time).await;
    known_places_have_a_count_of_their_own(limiter.as_ref()).await;
    undecided_tries_do_not_count(limiter.as_ref()).await;
    tries_at_once_are_counted_when_they_begin(limiter).await;
}

async fn a_burst_and_then_nothing(limiter: &dyn RateLimiter) {
    let asked = [bucket("burst", 3)];
    for left in [2, 1, 0] {
        let standing = limiter.take(&asked).await[0];
        assert!(standing.allowed && standing.retry_after.is_zero());
        assert_eq!(standing.remaining, left);
        let full = Duration::from_mins(20) * (3 - left);
        assert!(
            standing.full_after <= full && standing.full_after + Duration::from_mins(1) > full,
            "{standing:?}"
        );
    }
    for _ in 0..2 {
        let standing = limiter.take(&asked).await[0];
        assert!(!standing.allowed);
        assert_eq!(standing.remaining, 0);
        let third = Duration::from_mins(20);
        assert!(
            standing.retry_after <= third && standing.retry_after + Duration::from_mins(1) > third,
            "{standing:?}"
        );
    }
    assert!(
        limiter.take(&[bucket("another", 3)]).await[0].allowed,
        "others are apart"
    );
    assert!(limiter.take(&[]).await.is_empty());
}

async fn one_comes_back_after_its_time(limiter: &dyn RateLimiter, time: &dyn Time) {
    let asked = [Bucket {
        key: "back".into(),
        rate: Rate::new(5, Duration::from_secs(2), 1),
    }];
    assert!(limiter.take(&asked).await[0].allowed);
    let wait = limiter.take(&asked).await[0].retry_after;
    assert!(wait <= Duration::from_millis(400));
    time.pass(Duration::from_millis(400)).await;
    let standing = limiter.take(&asked).await[0];
    assert!(standing.allowed, "{standing:?}");
}

async fn from_each_or_from_none(limiter: &dyn RateLimiter) {
    let (large, small) = (bucket("large", 5), bucket("small", 1));
    let both = [large.clone(), small];
    assert!(limiter.take(&both).await.iter().all(|standing| standing.allowed));
    let refused = limiter.take(&both).await;
    assert_eq!(
        refused.iter().map(|one| one.allowed).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(
        limiter.take(&[large]).await[0].remaining,
        3,
        "the refusal took nothing"
    );
}

async fn what_is_given_back_was_never_taken(limiter: &dyn RateLimiter) {
    let asked = [bucket("given", 2)];
    limiter.give_back(&asked).await;
    for _ in 0..5 {
        assert_eq!(limiter.take(&asked).await[0].remaining, 1);
        limiter.give_back(&asked).await;
    }
    limiter.take(&asked).await;
    limiter.take(&asked).await;
    assert!(!limiter.take(&asked).await[0].allowed);
    limiter.give_back(&asked).await;
    assert!(limiter.take(&asked).await[0].allowed);
    assert!(!limiter.take(&asked).await[0].allowed);
}

async fn many_at_once_get_no_more(limiter: Arc<dyn RateLimiter>) {
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let limiter = limiter.clone();
        tasks.push(tokio::spawn(async move {
            limiter.take(&[bucket("many", 20), bucket("most", 1000)]).await[0].allowed
        }));
    }
    let mut allowed = 0;
    for task in tasks {
        allowed += u32::from(task.await.unwrap());
    }
    assert_eq!(allowed, 20);
    assert_eq!(limiter.take(&[bucket("most", 1000)]).await[0].remaining, 979);
}

async fn the_wait_grows_and_a_right_one_ends_it(limiter: &dyn RateLimiter, time: &dyn Time) {
    let wrong = attempt("account", "stranger");
    for _ in 0..=FREE_FAILURES {
        limiter.begin_try(&wrong).await.unwrap();
    }
    for place in ["stranger", "elsewhere"] {
        let wait = limiter.begin_try(&attempt("account", place)).await.unwrap_err();
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
    }
    assert!(
        limiter.begin_try(&attempt("another", "stranger")).await.is_ok(),
        "accounts are apart"
    );
    time.pass(Duration::from_secs(2)).await;
    limiter.begin_try(&wrong).await.unwrap();
    let wait = limiter.begin_try(&wrong).await.unwrap_err();
    assert!(
        wait > Duration::from_secs(2) && wait <= Duration::from_secs(4),
        "{wait:?}"
    );
    limiter.end_try(&wrong, Verdict::Right).await;
    for _ in 0..=FREE_FAILURES {
        limiter.begin_try(&attempt("account", "elsewhere")).await.unwrap();
    }
}

async fn known_places_have_a_count_of_their_own(limiter: &dyn RateLimiter) {
    let (owner, attacker) = (attempt("victim", "home"), attempt("victim", "elsewhere"));
    limiter.begin_try(&owner).await.unwrap();
    limiter.end_try(&owner, Verdict::Right).await;
    while limiter.begin_try(&attacker).await.is_ok() {}
    for _ in 0..20 {
        limiter.begin_try(&owner).await.unwrap();
        limiter.end_try(&owner, Verdict::Right).await;
    }
    assert!(
        limiter.begin_try(&attacker).await.is_err(),
        "the owner does not help the attacker"
    );
    while limiter.begin_try(&owner).await.is_ok() {}
    assert!(
        limiter.begin_try(&attempt("other", "home")).await.is_ok(),
        "known for one account only"
    );
}

async fn undecided_tries_do_not_count(limiter: &dyn RateLimiter) {
    let unlucky = attempt("unlucky", "here");
    limiter.end_try(&unlucky, Verdict::Undecided).await;
    for _ in 0..20 {
        limiter.begin_try(&unlucky).await.unwrap();
        limiter.end_try(&unlucky, Verdict::Undecided).await;
    }
    for _ in 0..=FREE_FAILURES {
        limiter.begin_try(&unlucky).await.unwrap();
    }
    assert!(limiter.begin_try(&unlucky).await.is_err());
}

async fn tries_at_once_are_counted_when_they_begin(limiter: Arc<dyn RateLimiter>) {
    let mut tasks = Vec::new();
    for _ in 0..30 {
        let limiter = limiter.clone();
        tasks.push(tokio::spawn(async move {
            limiter.begin_try(&attempt("crowd", "here")).await.is_ok()
        }));
    }
    let mut begun = 0;
    for task in tasks {
        begun += u32::from(task.await.unwrap());
    }
    // Whoever needs more than two seconds for thirty questions may see one wait end.
    assert!(
        (FREE_FAILURES + 1..=FREE_FAILURES + 3).contains(&begun),
        "{begun}"
    );
}
