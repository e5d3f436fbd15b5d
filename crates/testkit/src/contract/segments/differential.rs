//! The store against the domain, on random leads and conditions: each condition is asked in every way there is.

use super::dice::Dice;
use super::world::World;
use crate::contract::Contract;
use groundswell_domain::leads::{Lead, LeadFilter, LeadSort};
use groundswell_domain::segments::{Chosen, Condition, Moment, Rule};
use groundswell_domain::{ClientId, LeadId, PageRequest, Repos, Scope, Sort};
use std::collections::BTreeSet;
use std::sync::Arc;

const CONDITIONS: usize = 300;
const ZONES: [&str; 3] = ["UTC", "Europe/Berlin", "America/Santiago"];

pub(super) async fn the_store_means_what_the_domain_means(contract: &Contract) {
    let mut dice = Dice(20_260_701);
    let world = World::new(contract, &mut dice).await;
    let repos = contract.read(&world.scope);
    let (mut some, mut all_or_none) = (0, 0);
    for number in 0..CONDITIONS {
        let moment = Moment {
            now: world.now,
            time_zone: dice.one(&ZONES).parse().unwrap(),
        };
        let condition = if number % 4 == 0 {
            world.of_lists(&mut dice)
        } else {
            world.condition(&mut dice, 3)
        };
        let expected = met(&world, &condition, &moment, None);
        if expected.is_empty() || expected.len() == world.people.len() {
            all_or_none += 1;
        } else {
            some += 1;
        }
        check(repos.as_ref(), &condition, &moment, None, &expected).await;
        // What is printed means the same.
        let read = Condition::parse(&condition.to_string());
        if let Ok(read) = read {
            assert_eq!(met(&world, &read, &moment, None), expected, "{condition}");
        }
    }
    assert!(
        some > all_or_none,
        "{some} conditions tell leads apart, {all_or_none} do not"
    );
    of_one_client(contract, &world, &mut dice).await;
}

fn met(world: &World, condition: &Condition, moment: &Moment, client: Option<ClientId>) -> BTreeSet<LeadId> {
    let people = world.people.iter();
    people
        .filter(|person| client.is_none() || person.lead.client_id == client)
        .filter(|person| condition.holds(&person.facts(), moment))
        .map(|person| person.lead.id)
        .collect()
}

async fn check(
    repos: &dyn Repos,
    condition: &Condition,
    moment: &Moment,
    client: Option<ClientId>,
    expected: &BTreeSet<LeadId>,
) {
    let rule = Rule {
        condition: condition.clone(),
        client,
        moment: *moment,
    };
    let filter = LeadFilter {
        segment: Some(Chosen::Rule(Arc::new(rule))),
        ..LeadFilter::default()
    };
    let ids = |leads: &[Lead]| leads.iter().map(|lead| lead.id).collect::<BTreeSet<_>>();
    let walked = repos.leads().after(&filter, None, 1000).await.unwrap();
    assert_eq!(ids(&walked), *expected, "walking: {condition}");
    assert!(walked.is_sorted_by_key(|lead| lead.id), "{condition}");
    let sort = Sort::parse("-score").unwrap();
    let mut request = PageRequest::<LeadSort>::first(200, sort);
    request.with_total = true;
    let listed = repos.leads().list(&filter, &request).await.unwrap();
    assert_eq!(listed.items.len(), expected.len(), "once each: {condition}");
    assert_eq!(ids(&listed.items), *expected, "the list: {condition}");
    assert_eq!(listed.total, Some(expected.len() as u64), "{condition}");
    let counted = repos.leads().count(&filter).await.unwrap();
    assert_eq!(counted, i64::try_from(expected.len()).unwrap(), "{condition}");
}

/// A segment of one client, and somebody who is bound to one.
async fn of_one_client(contract: &Contract, world: &World, dice: &mut Dice) {
    let moment = Moment {
        now: world.now,
        time_zone: "UTC".parse().unwrap(),
    };
    let client = Some(world.clients[0]);
    let mut bound: Scope = world.scope.clone();
    bound.client = client;
    for _ in 0..20 {
        let condition = world.condition(dice, 2);
        let expected = met(world, &condition, &moment, client);
        let whole = contract.read(&world.scope);
        check(whole.as_ref(), &condition, &moment, client, &expected).await;
        let theirs = contract.read(&bound);
        check(theirs.as_ref(), &condition, &moment, None, &expected).await;
    }
}
