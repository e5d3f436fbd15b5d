//! What `groundswell_domain::llm::BudgetLedger` promises, in particular to many who reserve at the same moment.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::ids::{LlmBudgetId, LlmKeyId, OrganizationId};
use groundswell_domain::llm::{
    Budget, BudgetLedger, BudgetScope, Nanos, Period, Reservation, Reserve, Settlement, Spender,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A ledger, and how budgets get into it.
#[async_trait::async_trait]
pub trait Budgets: Send + Sync {
    fn ledger(&self) -> Arc<dyn BudgetLedger>;
    /// Two that exist.
    fn organizations(&self) -> [OrganizationId; 2];
    async fn add(&self, organization: OrganizationId, budget: Budget);
}

struct Suite<'a> {
    budgets: &'a dyn Budgets,
    next: AtomicU64,
}

fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// Everything. No budgets are there yet.
pub async fn check(budgets: &dyn Budgets) {
    let suite = Suite {
        budgets,
        next: AtomicU64::new(1),
    };
    suite.without_budgets_everything_is_granted().await;
    suite.what_is_reserved_is_gone_until_it_is_settled().await;
    suite.all_budgets_or_none().await;
    suite.periods_end().await;
    suite.what_nobody_settles_counts_as_spent().await;
    suite.unknown_amounts_need_a_flag().await;
    suite.many_at_once_get_no_more().await;
}

impl Suite<'_> {
    fn id<T: From<Uuid>>(&self) -> T {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)).into()
    }

    /// A spender of their own for each promise: an agent that nobody else is.
    fn agent(&self, name: &str) -> Spender {
        let mut spender = Spender::organization(self.budgets.organizations()[0]);
        spender.agent = Some(name.to_owned());
        spender
    }

    async fn budget(&self, scope: BudgetScope, period: Period, limit: i64) -> LlmBudgetId {
        let budget = Budget {
            id: self.id(),
            scope,
            period,
            limit: Nanos(limit),
        };
        let id = budget.id;
        self.budgets.add(self.budgets.organizations()[0], budget).await;
        id
    }

    fn reservation(&self, spender: &Spender, amount: Option<i64>, at: DateTime<Utc>) -> Reservation {
        Reservation {
            id: self.id(),
            spender: spender.clone(),
            key: None,
            amount: amount.map(Nanos),
            allow_unknown: false,
            at,
            expires_at: at + TimeDelta::minutes(5),
        }
    }

    async fn reserve(&self, reservation: &Reservation) -> Reserve {
        self.budgets.ledger().reserve(reservation).await.unwrap()
    }

    async fn settle(&self, reservation: &Reservation, spent: i64) -> bool {
        let organization = reservation.spender.organization;
        let settlement = Settlement::Spent(Nanos(spent));
        let now = reservation.at + TimeDelta::seconds(1);
        self.budgets
            .ledger()
            .settle(organization, reservation.id, settlement, now)
            .await
            .unwrap()
    }

    async fn without_budgets_everything_is_granted(&self) {
        let spender = self.agent("free");
        for amount in [Some(i64::MAX), None] {
            let reservation = self.reservation(&spender, amount, morning());
            assert_eq!(self.reserve(&reservation).await, Reserve::Granted);
        }
    }

    async fn what_is_reserved_is_gone_until_it_is_settled(&self) {
        let spender = self.agent("one");
        let id = self
            .budget(BudgetScope::Agent("one".into()), Period::Day, 100)
            .await;
        let first = self.reservation(&spender, Some(60), morning());
        assert_eq!(self.reserve(&first).await, Reserve::Granted);
        let second = self.reservation(&spender, Some(41), morning());
        let Reserve::Short(short) = self.reserve(&second).await else {
            unreachable!("41 of 40 were granted");
        };
        assert_eq!(
            (short.budget, short.limit, short.needed),
            (id, Nanos(100), Nanos(41))
        );
        assert_eq!(
            (short.spent, short.reserved, short.left()),
            (Nanos(0), Nanos(60), Nanos(40))
        );
        assert_eq!(short.resets_at, Period::Day.end(morning()));
        assert!(self.settle(&first, 10).await);
        assert!(!self.settle(&first, 10).await, "it is over");
        let third = self.reservation(&spender, Some(90), morning());
        assert_eq!(
            self.reserve(&third).await,
            Reserve::Granted,
            "10 of 100 are spent"
        );
        let ledger = self.budgets.ledger();
        let [owner, other] = self.budgets.organizations();
        assert!(
            !ledger.release(other, third.id, morning()).await.unwrap(),
            "it is another organization's"
        );
        assert!(ledger.release(owner, third.id, morning()).await.unwrap());
        assert!(!ledger.release(owner, third.id, morning()).await.unwrap());
        // It may come to more than was set aside, and the next one pays for it.
        let fourth = self.reservation(&spender, Some(50), morning());
        assert_eq!(self.reserve(&fourth).await, Reserve::Granted);
        assert!(self.settle(&fourth, 120).await);
        let fifth = self.reservation(&spender, Some(1), morning());
        assert!(matches!(self.reserve(&fifth).await, Reserve::Short(short) if short.left() == Nanos(0)));
    }

    async fn all_budgets_or_none(&self) {
        let key: LlmKeyId = self.id();
        let spender = self.agent("both");
        let wide = self
            .budget(BudgetScope::Agent("both".into()), Period::Month, 1000)
            .await;
        let narrow = self.budget(BudgetScope::Key(key), Period::Day, 10).await;
        let mut reservation = self.reservation(&spender, Some(500), morning());
        reservation.key = Some(key);
        assert!(matches!(self.reserve(&reservation).await, Reserve::Short(short) if short.budget == narrow));
        // Nothing of it stayed in the wide one.
        let all = self.reservation(&spender, Some(1000), morning());
        assert_eq!(self.reserve(&all).await, Reserve::Granted);
        let more = self.reservation(&spender, Some(1), morning());
        assert!(matches!(self.reserve(&more).await, Reserve::Short(short) if short.budget == wide));
    }

    async fn periods_end(&self) {
        let spender = self.agent("daily");
        self.budget(BudgetScope::Agent("daily".into()), Period::Day, 10)
            .await;
        let evening = Period::Day.end(morning()) - TimeDelta::seconds(1);
        let first = self.reservation(&spender, Some(10), evening);
        assert_eq!(self.reserve(&first).await, Reserve::Granted);
        let next = self.reservation(&spender, Some(10), evening + TimeDelta::seconds(1));
        assert_eq!(self.reserve(&next).await, Reserve::Granted, "a new day");
        // Settled in the next day, it is spent on its own.
        assert!(self.settle(&first, 10).await);
        assert!(self.settle(&next, 4).await);
        let rest = self.reservation(&spender, Some(6), evening + TimeDelta::seconds(2));
        assert_eq!(self.reserve(&rest).await, Reserve::Granted);
    }

    async fn what_nobody_settles_counts_as_spent(&self) {
        let spender = self.agent("lost");
        self.budget(BudgetScope::Agent("lost".into()), Period::Day, 10)
            .await;
        let lost = self.reservation(&spender, Some(7), morning());
        assert_eq!(self.reserve(&lost).await, Reserve::Granted);
        let later = morning() + TimeDelta::minutes(6);
        let next = self.reservation(&spender, Some(4), later);
        let Reserve::Short(short) = self.reserve(&next).await else {
            unreachable!("what a process may have spent was given to another");
        };
        assert_eq!(short.spent.plus(short.reserved), Nanos(7));
        let organization = spender.organization;
        let ledger = self.budgets.ledger();
        let settled = ledger
            .settle(organization, lost.id, Settlement::Spent(Nanos(1)), later)
            .await
            .unwrap();
        assert!(!settled, "it is too late");
    }

    async fn unknown_amounts_need_a_flag(&self) {
        let spender = self.agent("unknown");
        let id = self
            .budget(BudgetScope::Agent("unknown".into()), Period::Day, 10)
            .await;
        let mut reservation = self.reservation(&spender, None, morning());
        assert_eq!(self.reserve(&reservation).await, Reserve::UnknownPrice(id));
        reservation.allow_unknown = true;
        assert_eq!(self.reserve(&reservation).await, Reserve::Granted);
        let ledger = self.budgets.ledger();
        let organization = spender.organization;
        assert!(
            ledger
                .settle(organization, reservation.id, Settlement::Unpriced, morning())
                .await
                .unwrap()
        );
        let all = self.reservation(&spender, Some(10), morning());
        assert_eq!(
            self.reserve(&all).await,
            Reserve::Granted,
            "it counted as no money"
        );
    }

    async fn many_at_once_get_no_more(&self) {
        let spender = self.agent("many");
        self.budget(BudgetScope::Agent("many".into()), Period::Day, 100)
            .await;
        self.budget(BudgetScope::Agent("many".into()), Period::Month, 95)
            .await;
        let asked = (0..40).map(|_| {
            let reservation = self.reservation(&spender, Some(10), morning());
            let ledger = self.budgets.ledger();
            tokio::spawn(async move { ledger.reserve(&reservation).await.unwrap() })
        });
        let mut granted = 0;
        for asked in asked.collect::<Vec<_>>() {
            granted += i32::from(asked.await.unwrap() == Reserve::Granted);
        }
        assert_eq!(granted, 9);
    }
}
