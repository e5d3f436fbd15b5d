//! Where leads stand: slots, gates, rules that move leads, people who overrule them, and deals that are won.

use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    answers_lead_to_a_verdict,
    rules_fill_slots_and_move_leads,
    scores_move_leads_when_models_change,
    a_person_overrules_the_rules,
    a_preview_tells_who_would_move,
    rules_are_kept_one_set_at_a_time,
    a_deal_is_won_once,
    notes_are_part_of_the_timeline_and_go_with_the_lead,
    a_client_s_people_see_their_own_leads,
);

const RULES: &str = "/api/leads/qualification/rules";

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

async fn lead(ada: &Account<'_>, body: Value) -> String {
    let lead = ada.post("/api/leads", &body).await;
    format!("/api/leads/{}", id(&lead))
}

/// The data of a POST that makes nothing new.
async fn tell(ada: &Account<'_>, path: &str, body: Value) -> Value {
    ada.send(Method::POST, path, Some(&body)).await.expect(200).data()
}

async fn refused(ada: &Account<'_>, path: &str, body: Value, status: u16, code: &str) -> Reply {
    let reply = ada.send(Method::POST, path, Some(&body)).await;
    reply.expect_error(status, code);
    reply
}

async fn stage(ada: &Account<'_>, lead: &str) -> String {
    ada.get(lead).await["stage"].as_str().unwrap().to_owned()
}

fn slot<'a>(qualification: &'a Value, name: &str) -> &'a Value {
    let slots = qualification["slots"].as_array().unwrap();
    slots.iter().find(|slot| slot["slot"] == name).unwrap()
}

fn confirmed(names: &[&str]) -> Value {
    let answer =
        |name: &&str| json!({ "slot": name, "state": "confirmed", "evidence": "Said so on the phone" });
    json!({ "answers": names.iter().map(answer).collect::<Vec<_>>() })
}

async fn answers_lead_to_a_verdict(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let grace = lead(&ada, json!({ "email": "grace@navy.example" })).await;
    let qualify = format!("{grace}/qualify");
    let first = ada.get(&format!("{grace}/qualification")).await;
    assert_eq!(
        (&first["framework"], &first["verdict"], &first["coverage"]),
        (&json!("bant"), &json!("open"), &json!(0.0))
    );
    assert_eq!((&first["rules_id"], &first["hold"]), (&Value::Null, &Value::Null));
    assert_eq!(first["next_question"]["slot"], "budget");
    assert_eq!(first["next_stages"].as_array().unwrap().len(), 5);

    let weak = json!({ "answers": [{ "slot": "budget", "state": "weak", "confidence": 0.4, "evidence": " About 20,000, she thinks \n" }] });
    let told = tell(&ada, &qualify, weak).await;
    let budget = slot(&told, "budget");
    assert_eq!(
        (
            &budget["state"],
            &budget["source"],
            &budget["answered_by"],
            &budget["evidence"]
        ),
        (
            &json!("weak"),
            &json!("person"),
            &json!(ada.user),
            &json!("About 20,000, she thinks")
        )
    );
    assert_eq!(told["next_question"]["slot"], "authority");
    let told = tell(
        &ada,
        &qualify,
        confirmed(&["budget", "authority", "need", "timeline"]),
    )
    .await;
    assert_eq!(
        (&told["verdict"], &told["coverage"]),
        (&json!("qualified"), &json!(1.0))
    );
    assert_eq!(
        (&told["stage"], &told["next_question"]),
        (&json!("new"), &Value::Null),
        "without rules nothing moves"
    );
    let out = json!({ "answers": [{ "slot": "need", "state": "disqualifying" }] });
    let told = tell(&ada, &qualify, out).await;
    assert_eq!(
        (&told["verdict"], &told["reasons"]),
        (&json!("disqualified"), &json!(["need is disqualifying"]))
    );
    let back = json!({ "answers": [{ "slot": "need", "state": "unknown" }] });
    let told = tell(&ada, &qualify, back).await;
    assert_eq!(
        (&told["verdict"], &slot(&told, "need")["state"]),
        (&json!("open"), &json!("unknown"))
    );
    // Just another look.
    let again = tell(&ada, &qualify, json!({})).await;
    assert_eq!(again, ada.get(&format!("{grace}/qualification")).await);
    // Each framework has slots of its own.
    let champ = json!({ "framework": "champ", "answers": [{ "slot": "authority", "state": "weak" }] });
    assert_eq!(
        slot(&tell(&ada, &qualify, champ).await, "authority")["state"],
        "weak"
    );
    let meddic = ada.get(&format!("{grace}/qualification?framework=meddic")).await;
    assert_eq!(meddic["slots"].as_array().unwrap().len(), 6);
    assert_eq!(
        slot(&ada.get(&format!("{grace}/qualification")).await, "authority")["state"],
        "confirmed"
    );

    for (wrong, field) in [
        (
            json!([{ "slot": "champion", "state": "weak" }]),
            "answers[0].slot",
        ),
        (
            json!([{ "slot": "need", "state": "weak" }, { "slot": "need", "state": "confirmed" }]),
            "answers[1].slot",
        ),
        (
            json!([{ "slot": "need", "state": "weak", "confidence": 1.1 }]),
            "answers[0].confidence",
        ),
        (
            json!([{ "slot": "need", "state": "weak", "evidence": "x".repeat(2_001) }]),
            "answers[0].evidence",
        ),
    ] {
        let reply = refused(&ada, &qualify, json!({ "answers": wrong }), 400, "invalid_input").await;
        assert_eq!(reply.json()["details"][0]["field"], field);
    }

    // A program can add what people left open, and not contradict them.
    let key = json!({ "name": "Agent", "scopes": ["leads:read", "leads:write"] });
    let key = ada.post("/api/auth/api-keys", &key).await["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let agent = async |body: Value| {
        let request = server
            .http
            .post(server.url(&qualify))
            .bearer_auth(&key)
            .json(&body);
        Reply::to(request).await
    };
    let told = agent(json!({ "answers": [{ "slot": "need", "state": "confirmed" }] })).await;
    assert_eq!(slot(&told.expect(200).data(), "need")["source"], "agent");
    agent(json!({ "answers": [{ "slot": "budget", "state": "disqualifying" }] }))
        .await
        .expect_error(409, "slot_answered_by_person");
    let timeline = ada.get(&format!("{grace}/timeline")).await;
    let told = &timeline[0];
    assert_eq!(
        (&told["kind"], &told["data"]["slots"]),
        (&json!("qualified"), &json!({ "need": "confirmed" }))
    );
    server.stop().await;
}

fn rules() -> Value {
    json!({
        "name": "Ours", "framework": "bant", "enabled": true, "weak_allowed": 1,
        "slots": { "timeline": { "required": false }, "authority": { "required": false }, "budget": { "weight": 3, "question": "How much?" } },
        "gates": [{ "name": "served", "require": { "field": "custom_fields.country", "in": ["DE", "AT"] }, "question": "Where are you?" }],
        "fillers": [
            { "name": "told_budget", "slot": "budget", "state": "confirmed", "confidence": 0.8, "when": { "field": "custom_fields.budget", "gte": 10_000 } },
            { "name": "asked", "slot": "need", "state": "weak", "when": { "event": "form_submitted" } }
        ],
        "stages": [
            { "name": "reacts", "to": "engaged", "when": { "event": ["form_submitted", "email_clicked"] } },
            { "name": "fits", "to": "qualified", "verdict": "qualified", "min_score": 10 },
            { "name": "out", "to": "disqualified", "verdict": "disqualified" }
        ]
    })
}

async fn webhook(ada: &Account<'_>) -> String {
    let fields = json!([{ "name": "email", "type": "email", "required": true },
        { "name": "budget", "type": "text" }, { "name": "country", "type": "text" }]);
    let form = json!({ "name": "F", "fields": fields });
    let form = ada.post("/api/lead-capture/forms", &form).await;
    format!("/api/lead-capture/webhook/{}", id(&form))
}

async fn rules_fill_slots_and_move_leads(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let webhook = webhook(&ada).await;
    let send = async |body: Value| {
        let sent = server.post(&webhook, &body).await.expect(201).data();
        server.drain().await;
        format!("/api/leads/{}", sent["lead_id"].as_str().unwrap())
    };
    // Before there are rules.
    let early = send(json!({ "email": "early@navy.example", "country": "DE", "budget": "90000" })).await;
    let made = ada.post(RULES, &rules()).await;
    assert_eq!(
        (&made["run"]["leads"], &made["run"]["finished_at"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(stage(&ada, &early).await, "new");
    server.after(TimeDelta::seconds(3)).await;
    let path = format!("{RULES}/{}", id(&made));
    let run = ada.get(&path).await["run"].clone();
    assert_eq!((&run["done"], &run["moved"]), (&json!(1), &json!(1)));
    assert!(run["finished_at"].is_string());
    assert_eq!(
        stage(&ada, &early).await,
        "qualified",
        "budget, a sign of need, ten points, and a country"
    );

    // A form, and what becomes known later.
    let grace = send(json!({ "email": "grace@navy.example" })).await;
    assert_eq!(stage(&ada, &grace).await, "engaged");
    let stands = ada.get(&format!("{grace}/qualification")).await;
    assert_eq!(stands["gates"][0]["result"], "unknown");
    assert_eq!(
        (
            &stands["next_question"]["gate"],
            &stands["next_question"]["question"]
        ),
        (&json!("served"), &json!("Where are you?"))
    );
    let need = slot(&stands, "need");
    assert_eq!(
        (&need["state"], &need["source"], &need["rule"]),
        (&json!("weak"), &json!("form"), &json!("asked"))
    );
    let timeline = ada.get(&format!("{grace}/timeline")).await;
    let moved = timeline
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["kind"] == "stage_changed")
        .unwrap();
    assert_eq!(
        (
            &moved["data"]["rule"],
            &moved["data"]["to"],
            &moved["data"]["user_id"]
        ),
        (&json!("reacts"), &json!("engaged"), &Value::Null)
    );
    let known = json!({ "custom_fields": { "country": "at", "budget": "12000" } });
    ada.patch(&grace, &known).await;
    server.drain().await;
    assert_eq!(stage(&ada, &grace).await, "qualified");
    // What a rule filled stays, and a lead is never moved back.
    ada.patch(&grace, &json!({ "custom_fields": { "budget": null } }))
        .await;
    server.drain().await;
    let stands = ada.get(&format!("{grace}/qualification")).await;
    assert_eq!(
        (&slot(&stands, "budget")["state"], &stands["stage"]),
        (&json!("confirmed"), &json!("qualified"))
    );
    ada.patch(&grace, &json!({ "custom_fields": { "country": "fr" } }))
        .await;
    server.drain().await;
    let gone = ada.get(&grace).await;
    assert_eq!(
        (&gone["stage"], &gone["outcome_reason"]),
        (&json!("disqualified"), &json!("out"))
    );

    // Somebody who is known already sends the form again, and an import tells more.
    let mary = lead(&ada, json!({ "email": "mary@navy.example" })).await;
    server.drain().await;
    assert_eq!(stage(&ada, &mary).await, "new");
    assert_eq!(
        send(json!({ "email": "mary@navy.example", "country": "DE" })).await,
        mary
    );
    assert_eq!(stage(&ada, &mary).await, "engaged");
    let csv = b"email,budget\nmary@navy.example,50000\n".to_vec();
    let part = reqwest::multipart::Part::bytes(csv).file_name("leads.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let form = form.text("mapping", json!({ "budget": "custom:budget" }).to_string());
    let request = ada.request(Method::POST, "/api/leads/import").multipart(form);
    Reply::to(request).await.expect(202);
    server.drain().await;
    assert_eq!(stage(&ada, &mary).await, "qualified");

    // Answers of people stand above what rules would fill, and move leads at once.
    let late = send(json!({ "email": "late@navy.example", "country": "DE", "budget": "500" })).await;
    assert_eq!(stage(&ada, &late).await, "engaged");
    let told = tell(&ada, &format!("{late}/qualify"), confirmed(&["budget"])).await;
    assert_eq!(
        (&told["stage_before"], &told["stage"], &told["moved_by"]),
        (&json!("engaged"), &json!("qualified"), &json!("fits"))
    );
    server.drain().await;
    // Rules that are off move nobody.
    ada.patch(&path, &json!({ "enabled": false })).await;
    let other = send(json!({ "email": "other@navy.example" })).await;
    assert_eq!(stage(&ada, &other).await, "new");
    server.stop().await;
}

async fn scores_move_leads_when_models_change(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let grace = lead(
        &ada,
        json!({ "email": "grace@navy.example", "title": "Head of Compilers" }),
    )
    .await;
    let fits = json!([{ "name": "fits", "to": "qualified", "min_fit": 50 }]);
    let rules = json!({ "name": "By score", "framework": "meddic", "enabled": true, "stages": fits });
    ada.post(RULES, &rules).await;
    server.after(TimeDelta::seconds(3)).await;
    assert_eq!(stage(&ada, &grace).await, "new");
    // Another model takes over: the leads whose scores it changes are looked at after them.
    let heads = json!([{ "name": "head", "axis": "fit", "points": 60, "when": { "field": "title", "matches": "^head" } }]);
    let model = json!({ "name": "Heads", "status": "active", "primary": true, "rules": heads });
    ada.post("/api/leads/scoring/models", &model).await;
    server.after(TimeDelta::seconds(3)).await;
    server.after(TimeDelta::seconds(3)).await;
    assert_eq!(stage(&ada, &grace).await, "qualified");
    // From then on, each by itself.
    let mary = lead(&ada, json!({ "email": "mary@navy.example" })).await;
    ada.patch(&mary, &json!({ "title": "Head of Ships" })).await;
    server.drain().await;
    assert_eq!(stage(&ada, &mary).await, "qualified");
    server.stop().await;
}

async fn a_person_overrules_the_rules(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let vip = json!([{ "name": "vip", "to": "qualified", "when": { "field": "tags", "contains": "vip" } }]);
    ada.post(
        RULES,
        &json!({ "name": "Tags", "framework": "bant", "enabled": true, "stages": vip }),
    )
    .await;
    server.after(TimeDelta::seconds(3)).await;
    let grace = lead(&ada, json!({ "email": "grace@navy.example" })).await;
    let hand = format!("{grace}/stage");
    let told = tell(
        &ada,
        &hand,
        json!({ "stage": "engaged", "reason": "Met at the fair" }),
    )
    .await;
    assert_eq!(
        (&told["stage_before"], &told["stage"]),
        (&json!("new"), &json!("engaged"))
    );
    assert_eq!(
        (&told["hold"]["held_by"], &told["hold"]["reason"]),
        (&json!(ada.user), &json!("Met at the fair"))
    );
    let timeline = ada.get(&format!("{grace}/timeline")).await;
    assert_eq!(timeline[0]["data"]["reason"], "Met at the fair");
    ada.patch(&grace, &json!({ "tags": ["vip"] })).await;
    server.drain().await;
    assert_eq!(stage(&ada, &grace).await, "engaged", "a person holds it");
    let told = tell(&ada, &format!("{grace}/qualify"), json!({})).await;
    assert_eq!(told["stage"], "engaged");
    // Given back, the rules look at once.
    let told = tell(
        &ada,
        &hand,
        json!({ "stage": "engaged", "reason": "Go on", "hold": false }),
    )
    .await;
    assert_eq!(
        (&told["stage"], &told["moved_by"], &told["hold"]),
        (&json!("qualified"), &json!("vip"), &Value::Null)
    );
    server.drain().await;
    // So is a stage that was set in the lead itself, and one that it came with.
    ada.patch(&grace, &json!({ "stage": "new" })).await;
    server.drain().await;
    assert_eq!(stage(&ada, &grace).await, "new");
    let mary = json!({ "email": "mary@navy.example", "stage": "engaged", "tags": ["vip"] });
    let mary = lead(&ada, mary).await;
    server.drain().await;
    assert_eq!(stage(&ada, &mary).await, "engaged");

    let given_up = json!({ "stage": "disqualified", "reason": "A student" });
    tell(&ada, &hand, given_up).await;
    assert_eq!(ada.get(&grace).await["outcome_reason"], "A student");
    let no_way = json!({ "stage": "converted", "reason": "Bought after all" });
    let reply = refused(&ada, &hand, no_way, 409, "lead_stage").await;
    assert!(
        reply.text.contains("only new or engaged or qualified"),
        "{}",
        reply.text
    );
    for wrong in [
        json!({ "stage": "new" }),
        json!({ "stage": "new", "reason": " " }),
        json!({ "stage": "old", "reason": "x" }),
    ] {
        refused(&ada, &hand, wrong, 400, "invalid_input").await;
    }
    server.drain().await;
    server.stop().await;
}

async fn a_preview_tells_who_would_move(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    for (index, country) in ["DE", "DE", "FR", "DE"].into_iter().enumerate() {
        let fields = json!({ "country": country, "budget": 20_000 });
        let made = lead(
            &ada,
            json!({ "email": format!("lead{index}@navy.example"), "custom_fields": fields }),
        )
        .await;
        if index == 3 {
            tell(
                &ada,
                &format!("{made}/stage"),
                json!({ "stage": "new", "reason": "Mine" }),
            )
            .await;
        }
    }
    let mut draft = rules();
    draft["enabled"] = json!(false);
    let draft = ada.post(RULES, &draft).await;
    let preview = format!("{RULES}/{}/preview", id(&draft));
    let seen = tell(&ada, &preview, json!({})).await;
    assert_eq!(
        (&seen["leads"], &seen["sample"], &seen["unchanged"], &seen["held"]),
        (&json!(4), &json!(4), &json!(3), &json!(1))
    );
    assert_eq!(
        seen["verdicts"],
        json!({ "qualified": 0, "open": 3, "disqualified": 1 })
    );
    assert_eq!(
        seen["moves"],
        json!([{ "from": "new", "to": "disqualified", "leads": 1 }])
    );
    assert_eq!(seen["movers"][0]["email"], "lead2@navy.example");
    assert!(
        seen["movers"][0]["reasons"][0]
            .as_str()
            .unwrap()
            .contains("custom_fields.country is FR")
    );
    let other = json!({ "stages": [{ "name": "rich", "to": "engaged", "min_coverage": 0.3 }], "gates": [] });
    let seen = tell(&ada, &preview, other).await;
    assert_eq!(
        seen["moves"],
        json!([{ "from": "new", "to": "engaged", "leads": 3 }])
    );
    refused(&ada, &preview, json!({ "sample": 0 }), 400, "invalid_input").await;
    let wrong = json!({ "stages": [{ "name": "x", "to": "engaged" }] });
    refused(&ada, &preview, wrong, 400, "invalid_input").await;
    let leads = ada.get("/api/leads").await;
    assert!(
        leads
            .as_array()
            .unwrap()
            .iter()
            .all(|lead| lead["stage"] == "new"),
        "nobody moved"
    );
    server.stop().await;
}

async fn rules_are_kept_one_set_at_a_time(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let first = ada.post(RULES, &rules()).await;
    let path = format!("{RULES}/{}", id(&first));
    let second = ada
        .post(RULES, &json!({ "name": "Second", "framework": "meddic" }))
        .await;
    let other = format!("{RULES}/{}", id(&second));
    assert_eq!(
        (&second["enabled"], &second["run"]),
        (&json!(false), &Value::Null)
    );
    ada.patch(&other, &json!({ "enabled": true })).await;
    let now = ada.get(&path).await;
    assert_eq!(
        (&now["enabled"], &now["version"]),
        (&json!(false), &json!(2)),
        "the other one took its place"
    );
    let enabled = ada.get(&format!("{RULES}?enabled=true")).await;
    assert_eq!(
        (enabled.as_array().unwrap().len(), &enabled[0]["id"]),
        (1, &second["id"])
    );
    let names = ada.get(&format!("{RULES}?sort=name")).await;
    assert_eq!(
        (&names[0]["name"], &names[1]["name"]),
        (&json!("Ours"), &json!("Second"))
    );

    let stale = ada
        .request(Method::PATCH, &path)
        .header("if-match", "\"1\"")
        .json(&json!({ "name": "x" }));
    Reply::to(stale).await.expect(412);
    let mut whole = rules();
    whole["name"] = json!("Newer");
    whole.as_object_mut().unwrap().remove("enabled");
    let replaced = ada
        .send(Method::PUT, &path, Some(&whole))
        .await
        .expect(200)
        .data();
    assert_eq!(
        (&replaced["name"], &replaced["enabled"]),
        (&json!("Newer"), &json!(false))
    );

    let wrong = json!({ "name": " ", "framework": "champ", "weak_allowed": 7, "slots": { "budget": {} },
        "gates": [{ "name": "a", "require": { "any": [{ "field": "company", "like": "x" }] } }],
        "fillers": [{ "name": "Bad", "slot": "need", "state": "unknown", "when": { "event": "never" } }],
        "stages": [{ "name": "a", "to": "new", "min_score": 1 }] });
    let reply = refused(&ada, RULES, wrong, 400, "invalid_input").await;
    let details = reply.json()["details"].clone();
    let mut fields: Vec<_> = details
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap().to_owned())
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "fillers[0].name",
            "fillers[0].slot",
            "fillers[0].state",
            "fillers[0].when.event",
            "gates[0].require.any[0].like",
            "name",
            "slots.budget",
            "stages[0].to",
            "weak_allowed"
        ]
    );
    let eve = server.register("Eve").await.with_key().await;
    eve.send(Method::GET, &path, None)
        .await
        .expect_error(404, "qualification_rules_not_found");
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::GET, &path, None)
        .await
        .expect_error(404, "qualification_rules_not_found");
    let log = ada
        .get_list("/api/audit-log?action=qualification_rules.deleted&with_total=true")
        .await;
    assert_eq!(log["total"], 1);
    server.after(TimeDelta::seconds(3)).await;
    server.stop().await;
}

async fn a_deal_is_won_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let grace = lead(&ada, json!({ "email": "grace@navy.example" })).await;
    let convert = format!("{grace}/convert");
    let came = server.app.now();
    server.clock.advance(TimeDelta::days(3));
    let rfc = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    for (wrong, field) in [
        (
            json!({ "occurred_at": rfc(server.app.now() + TimeDelta::seconds(1)) }),
            "occurred_at",
        ),
        (
            json!({ "occurred_at": rfc(came - TimeDelta::seconds(1)) }),
            "occurred_at",
        ),
        (json!({ "currency": "EUR" }), "currency"),
        (
            json!({ "value": { "amount": 5, "currency": "EUR" }, "currency": "USD" }),
            "currency",
        ),
        (json!({ "value": -5 }), "value"),
        (json!({ "reason": "x".repeat(101) }), "reason"),
    ] {
        let reply = refused(&ada, &convert, wrong, 400, "invalid_input").await;
        assert_eq!(reply.json()["details"][0]["field"], field);
    }
    let at = rfc(came + TimeDelta::days(2));
    let won = json!({ "value": 1_200.5, "currency": "USD", "reason": "Price", "occurred_at": at });
    let send = async |key: &str| {
        let request = ada
            .request(Method::POST, &convert)
            .header("idempotency-key", key)
            .json(&won);
        Reply::to(request).await
    };
    let first = send("one").await;
    let lead = first.expect(200).data();
    assert_eq!(
        (
            &lead["stage"],
            &lead["status"],
            &lead["outcome_reason"],
            &lead["value"],
            &lead["stage_since"]
        ),
        (
            &json!("converted"),
            &json!("converted"),
            &json!("Price"),
            &json!({ "amount": 1200.5, "currency": "USD" }),
            &json!(at)
        )
    );
    assert_eq!(lead, ada.get(&grace).await);
    assert_eq!(send("one").await.expect(200).data(), lead, "the same answer");
    let again = send("two").await;
    again.expect_error(409, "lead_converted");
    let timeline = ada.get(&format!("{grace}/timeline")).await;
    let moved: Vec<_> = timeline
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["kind"] == "stage_changed")
        .collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (&moved[0]["occurred_at"], &moved[0]["data"]["after_seconds"]),
        (&json!(at), &json!(2 * 24 * 60 * 60))
    );
    assert_eq!(
        ada.get("/api/leads/analytics/overview").await["conversion_rate"],
        json!(1.0)
    );
    let lost = lead_of_stage(&ada, "disqualified").await;
    refused(&ada, &format!("{lost}/convert"), json!({}), 409, "lead_stage").await;
    server.stop().await;
}

async fn lead_of_stage(ada: &Account<'_>, stage: &str) -> String {
    lead(
        ada,
        json!({ "email": format!("{stage}@navy.example"), "stage": stage }),
    )
    .await
}

async fn notes_are_part_of_the_timeline_and_go_with_the_lead(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let grace = lead(&ada, json!({ "email": "grace@navy.example" })).await;
    let notes = format!("{grace}/notes");
    let text = "Calls back on Monday.\nLikes submarines-of-plywood.";
    let note = ada.post(&notes, &json!({ "text": format!("  {text} ") })).await;
    assert_eq!(
        (&note["kind"], &note["data"]["text"], &note["data"]["user_id"]),
        (&json!("note_added"), &json!(text), &json!(ada.user))
    );
    assert_eq!(ada.get(&format!("{grace}/timeline")).await[0], note);
    for wrong in [
        json!({ "text": " \n" }),
        json!({ "text": "x".repeat(10_001) }),
        json!({}),
    ] {
        refused(&ada, &notes, wrong, 400, "invalid_input").await;
    }
    ada.post(&notes, &json!({ "text": "x".repeat(10_000) })).await;
    let told = json!({ "answers": [{ "slot": "need", "state": "weak", "evidence": "Wants submarines-of-plywood" }] });
    tell(&ada, &format!("{grace}/qualify"), told).await;
    let hand = json!({ "stage": "engaged", "reason": "For the submarines-of-plywood" });
    tell(&ada, &format!("{grace}/stage"), hand).await;
    let erasure = ada.post(&format!("{grace}/erase"), &json!({})).await;
    let touched = erasure["stores"].to_string();
    for store in ["slot_answers", "stage_holds", "lead_events"] {
        assert!(touched.contains(store), "{touched}");
    }
    assert_eq!(server.rows_with("submarines-of-plywood").await, []);
    server.stop().await;
}

async fn a_client_s_people_see_their_own_leads(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Navy" })).await;
    let theirs = lead(
        &ada,
        json!({ "email": "grace@navy.example", "client_id": id(&client) }),
    )
    .await;
    let ours = lead(&ada, json!({ "email": "ada@ours.example" })).await;
    let key = json!({ "name": "Navy", "scopes": ["leads:read", "leads:write"], "client_id": id(&client) });
    let key = ada.post("/api/auth/api-keys", &key).await["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let send = async |path: String, body: Value| {
        Reply::to(server.http.post(server.url(&path)).bearer_auth(&key).json(&body)).await
    };
    let bodies = [
        ("qualify", json!({}), 200),
        ("stage", json!({ "stage": "engaged", "reason": "Met" }), 200),
        ("convert", json!({}), 200),
        ("notes", json!({ "text": "Hello" }), 201),
    ];
    for (what, body, status) in bodies {
        send(format!("{theirs}/{what}"), body.clone())
            .await
            .expect(status);
        send(format!("{ours}/{what}"), body)
            .await
            .expect_error(404, "lead_not_found");
    }
    send(RULES.to_owned(), rules())
        .await
        .expect_error(403, "forbidden");
    server.stop().await;
}
