//! Import and undo leave nothing: with random files, whatever was there before and whatever scores it.

use crate::lead_files::import;
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(import_then_undo_restores_the_table);

const MODELS: &str = "/api/leads/scoring/models";
const ADDRESSES: usize = 14;
const KNOWN: usize = 8;

/// Chance that is the same in every run: `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Some of the people who are there, some who are not, some of them twice, and lines that are wrong.
fn file(dice: &mut Dice) -> String {
    let mut file = "email,name,company,size,status,tags\n".to_owned();
    for _ in 0..=dice.below(30) {
        let email = match dice.below(ADDRESSES + 1) {
            ADDRESSES => "nobody".to_owned(),
            index => format!("lead{index}@x.example"),
        };
        file += &format!(
            "{email},{},{},{},{},{}\n",
            dice.one(&["", "Ada", "Grace \u{1F600}", "Mary"]),
            dice.one(&["", "ACME", "Navy"]),
            dice.one(&["", "3", "250", "none"]),
            dice.one(&["", "", "contacted", "qualified", "lost"]),
            dice.one(&["", "vip", "fair;vip", "old"]),
        );
    }
    file
}

/// Somebody works with the leads that are there.
async fn change(account: &Account<'_>, dice: &mut Dice, leads: &[String]) {
    for lead in leads {
        let body = match dice.below(4) {
            0 => json!({ "company": dice.one(&["ACME", "Other"]), "tags": [dice.one(&["vip", "x"])] }),
            1 => json!({ "custom_fields": { "size": dice.one(&["1", "300"]) } }),
            2 => json!({ "tags": [], "name": "By hand" }),
            _ => continue,
        };
        account.patch(&format!("/api/leads/{lead}"), &body).await;
    }
}

/// Rows that an undo must leave as they were, and the sums of the ledgers, which must be the scores.
async fn state(server: &TestServer, account: &Account<'_>) -> (Vec<(String, String)>, Vec<Value>) {
    let tables = ["leads", "lead_events", "consents", "lead_import_changes"];
    let mut rows = server.rows().await;
    rows.retain(|(table, _)| tables.contains(&table.as_str()));
    rows.sort();
    let mut scores = Vec::new();
    let list = account.get_list("/api/leads?limit=100&sort=email").await;
    for lead in list["data"].as_array().unwrap() {
        let path = format!(
            "/api/leads/{}/score/entries?limit=200",
            lead["id"].as_str().unwrap()
        );
        let lines = account.get_list(&path).await["data"].take();
        let sum = |axis: &str| -> i64 {
            let lines = lines.as_array().unwrap().iter();
            lines
                .filter(|line| line["axis"] == axis)
                .map(|line| line["points"].as_i64().unwrap())
                .sum()
        };
        let (fit, engagement) = (sum("fit"), sum("engagement"));
        let sums = json!({ "total": fit + engagement, "fit": fit, "engagement": engagement });
        assert_eq!(lead["score"], sums, "{lead}: {lines}");
        scores.push(json!([lead["email"], sums]));
    }
    (rows, scores)
}

async fn go_live(server: &TestServer, account: &Account<'_>) {
    let rules = json!([
        { "name": "moved_on", "axis": "engagement", "when": { "event": "stage_changed" }, "points": 7, "cap": 10 },
        { "name": "large", "axis": "fit", "when": { "field": "custom_fields.size", "gte": 100 }, "points": 70 },
        { "name": "vip", "axis": "fit", "when": { "field": "tags", "contains": "vip" }, "points": 60 },
        { "name": "known", "axis": "fit", "when": { "field": "company", "eq": "ACME" }, "points": 5 },
    ]);
    let model = account
        .post(MODELS, &json!({ "name": "Ours", "rules": rules }))
        .await;
    let path = format!("{MODELS}/{}", model["id"].as_str().unwrap());
    account
        .patch(&path, &json!({ "status": "active", "primary": true }))
        .await;
    server.after(TimeDelta::seconds(3)).await;
}

async fn import_then_undo_restores_the_table(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let mut dice = Dice(20_270_201);
    let mut leads = Vec::new();
    for index in 0..KNOWN {
        let body = json!({ "email": format!("lead{index}@x.example"), "name": "Old", "custom_fields": { "size": "120" } });
        let made = ada.post("/api/leads", &body).await;
        leads.push(made["id"].as_str().unwrap().to_owned());
    }
    let mut done = [0_i64; 2];
    for round in 0..10 {
        if round == 3 {
            go_live(&server, &ada).await;
        }
        change(&ada, &mut dice, &leads).await;
        server.after(TimeDelta::seconds(30)).await;
        let before = state(&server, &ada).await;
        let overview = ada.get("/api/leads/analytics/overview").await;
        let file = file(&mut dice);
        let mut fields = vec![(
            "on_existing",
            dice.one(&["overwrite", "overwrite", "fill", "skip"]),
        )];
        if dice.below(3) == 0 {
            fields.push(("consent", r#"{"purpose": "marketing", "text": "Write to me"}"#));
        }
        let import = import(&server, &ada, file.as_bytes(), &fields).await;
        state(&server, &ada).await;
        server.after(TimeDelta::seconds(30)).await;
        let path = format!("/api/leads/imports/{}", import["id"].as_str().unwrap());
        ada.send(Method::POST, &format!("{path}/undo"), Some(&json!({})))
            .await
            .expect(202);
        server.drain().await;
        let undone = ada.get(&path).await;
        assert_eq!(
            (&undone["status"], &undone["undone"]["kept"]),
            (&json!("undone"), &json!(0))
        );
        assert_eq!(
            state(&server, &ada).await,
            before,
            "round {round}: {fields:?}\n{file}"
        );
        assert_eq!(ada.get("/api/leads/analytics/overview").await, overview);
        for (count, name) in done.iter_mut().zip(["deleted", "restored"]) {
            *count += undone["undone"][name].as_i64().unwrap();
        }
    }
    assert!(done.iter().all(|count| *count > 10), "{done:?}");
    server.stop().await;
}
