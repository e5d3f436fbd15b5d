//! A good body for every operation that takes one. Each call makes another one, so that nothing is taken already.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A mail address that nobody has yet.
pub fn address() -> String {
    format!("person{}@samples.example", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A name that nothing has yet.
fn unique_name() -> String {
    format!("sample-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn mail() -> Value {
    json!({ "subject": "Hello {{ lead.first_name | default('there') }}", "html": "<p>Hello</p>", "text": "Hello" })
}

fn lead() -> Value {
    json!({ "email": address(), "name": "Grace", "phone": "+49 30 1234", "company": "Navy", "title": "Admiral",
        "source": "fair", "status": "new", "tags": ["one"], "custom_fields": { "size": "large" },
        "utm": { "source": "a", "medium": "b", "campaign": "c" } })
}

fn sequence() -> Value {
    json!({ "name": "A sequence", "description": "Says hello", "reentry": { "after_days": 3 },
        "steps": [{ "id": "hello", "type": "send", "content": mail() }, { "id": "wait", "type": "wait", "for": { "days": 3 } },
            { "id": "branch", "type": "branch", "when": { "clicked": { "step": "hello" } }, "then": "end" },
            { "id": "tag", "type": "add_tag", "tag": "cold" }],
        "goals": [{ "condition": "tag = \"customer\"" }], "timing": { "windows": [{ "days": ["mon"], "from": 8, "until": 18 }] } })
}

fn form() -> Value {
    json!({
        "name": "A form",
        "fields": [
            { "name": "email", "type": "email", "required": true, "label": "Mail" },
            { "name": "note", "type": "textarea", "label": "Note", "placeholder": "Write" },
            { "name": "plan", "type": "select", "options": ["Basic", "Pro"] },
            { "name": "where", "type": "hidden", "value": "page" },
            { "name": "more", "type": "text", "prefill": false, "show_if": { "any": [{ "field": "note", "not": "nothing" }, { "field": "plan", "in": ["Pro"] }] } }
        ],
        "styling": { "intro": "Welcome", "button_label": "Go", "accent_color": "#0a6640", "font": "serif", "logo_url": "https://example.com/logo.svg" },
        "settings": { "partial_notice": "Kept as you type", "progressive": { "fields": ["more"], "show": 1 }, "thank_you": "Thanks", "double_opt_in": true, "spam": { "quarantine_at": 90, "off": false },
            "confirmation": { "subject": "Is it you?", "html": "<a href=\"{{ confirm_url }}\">Yes</a>" },
            "auto_reply": { "subject": "Thanks", "html": "<p>Thanks</p>", "text": "Thanks" }, "redirect_url": "https://example.com/thanks", "notify": ["team@samples.example"],
            "consents": [{ "purpose": "marketing", "text": "Write to me", "required": false }] }
    })
}

fn campaign() -> Value {
    json!({ "name": "A campaign", "type": "email", "objective": "Sell", "description": "More", "budget": 10,
        "start_date": "2027-02-01T00:00:00Z", "end_date": "2027-03-01T00:00:00Z", "channels": ["email"], "target_audience": { "tags_any": ["one"], "source": "fair", "company": "Navy" }, "content": mail(),
        "delivery": { "window": { "days": ["monday"], "from": "09:00", "to": "17:00", "time_zone": "Europe/Berlin" }, "best_time_within_hours": 24, "daily_cap": 5000,
            "hourly_rate": 1000, "ramp": { "first_day": 100, "factor": 1.5 }, "over_cap": "postpone" },
        "utm": { "enabled": true, "source": "a", "medium": "b", "campaign": "c", "content": "d", "term": "e" },
        "goal": { "when": { "event": { "kind": "custom", "name": "trial" } }, "within_days": 14, "after": "clicked" } })
}

fn client() -> Value {
    json!({ "name": "A client", "industry": "Software", "country": "DE", "website": "https://client.example/", "annual_revenue": 5_000_000,
        "employees": 120, "notes": "Pays late", "tags": ["vip"], "status": "active",
        "contacts": [{ "name": "Grace", "email": "grace@client.example", "phone": "+49 30 1234", "role": "Buys", "is_primary": true }] })
}

fn project() -> Value {
    json!({ "name": "A project", "description": "Relaunch", "status": "active", "start_date": "2027-02-01T00:00:00Z", "end_date": "2027-03-01T00:00:00Z" })
}

fn enrichment_provider() -> Value {
    json!({ "name": "A provider", "url": "https://api.provider.example/{{domain}}?mail={{email}}", "method": "POST",
        "headers": { "X-Version": "2" }, "body": { "company": "{{company}}" },
        "secret": { "service": "enrichment-sample", "header": "X-Key", "prefix": "Key " },
        "mapping": { "company": "/name", "custom:crm": "/id" }, "confidence": 0.7, "expiry_days": 30, "position": 5,
        "enabled": false, "rate_per_minute": 10 })
}

fn template() -> Value {
    let mut template = mail();
    template["name"] = json!("A template");
    template["category"] = json!("news");
    template["variables"] = json!(["code"]);
    template
}

fn scoring_rules() -> Value {
    json!([
        { "name": "pricing", "axis": "engagement", "points": 5, "half_life_days": 30, "cap": 20, "kind": "mail", "max_per_day": 2,
            "when": { "event": ["email_clicked"], "data": { "field": "url", "contains": "pricing" } } },
        { "name": "decides", "axis": "fit", "points": 20,
            "when": { "any": [{ "field": "title", "matches": "head|chief" }, { "field": "custom_fields.size", "in": ["large"] }] } }
    ])
}

fn scoring_model() -> Value {
    json!({ "name": "A model", "status": "draft", "primary": false, "rules": scoring_rules(), "caps": { "mail": 15 } })
}

fn qualification_parts() -> Value {
    json!({
        "slots": { "budget": { "weight": 3, "required": true, "question": "How much?" } }, "weak_allowed": 1,
        "gates": [{ "name": "country", "require": { "field": "custom_fields.country", "in": ["DE"] }, "slot": "need", "question": "Where?" }],
        "fillers": [{ "name": "asked", "slot": "need", "state": "weak", "confidence": 0.5, "evidence": "Sent a form",
            "when": { "event": "form_submitted" } }],
        "stages": [{ "name": "reacts", "to": "engaged", "verdict": "open", "min_score": 1, "min_fit": 0, "min_engagement": 1,
            "min_coverage": 0.1, "when": { "field": "company", "exists": true } }]
    })
}

fn qualification_rules() -> Value {
    let mut rules = qualification_parts();
    rules["name"] = json!("Some rules");
    rules["enabled"] = json!(false);
    rules["framework"] = json!("bant");
    rules
}

/// What to send to an operation. Operations without a body get null.
pub fn sample(operation: &str) -> Value {
    match operation {
        "register" => {
            json!({ "email": address(), "password": "correct horse", "name": "Ada", "organization_name": "Ada Ltd" })
        }
        "login" => json!({ "email": "ada@ada.example", "password": "correct horse" }),
        "refresh_tokens" | "logout" => json!({ "refresh_token": "gsr_nothing" }),
        // Whoever asks goes on asking, so the password is a wrong one.
        "change_password" => {
            json!({ "current_password": "not the password", "new_password": "battery staple" })
        }
        "forgot_password" | "create_erasure" => json!({ "email": address() }),
        "reset_password" => json!({ "token": "no-such-token", "password": "correct horse" }),
        "accept_invitation" => {
            json!({ "token": "no-such-token", "password": "correct horse", "name": "Ben" })
        }
        "verify_email" => json!({ "token": "no-such-token" }),
        "create_user" => {
            json!({ "email": address(), "name": "Ben", "role": "content_writer", "password": "correct horse" })
        }
        "invite_user" => json!({ "email": address(), "name": "Ben", "role": "content_writer" }),
        "update_user" => json!({ "name": "Ben", "role": "content_manager", "disabled": true }),
        "update_organization" => {
            json!({ "name": "Ada Ltd", "currency": "USD", "time_zone": "Europe/Berlin", "locale": "de-DE", "region": "AT",
                "retention": { "leads_inactive_days": 700, "submissions_days": null, "audit_days": 30 },
                "mailing": { "per_lead_day": 2, "per_lead_week": null, "price_per_thousand": 0.1 } })
        }
        "create_organization" => {
            json!({ "name": "Acme", "administrator": { "email": "boss@new.example", "name": "Boss" } })
        }
        "add_administrator" => json!({ "email": "boss@again.example", "name": "Boss" }),
        "replace_preferences" => json!({ "theme": "dark", "columns": ["name"] }),
        "create_api_key" => {
            json!({ "name": "A key", "scopes": ["leads:read"], "ip_ranges": ["203.0.113.0/24"], "budget": 50 })
        }
        "rotate_api_key" => json!({ "name": "A newer key", "overlap_hours": 1 }),
        "put_secret" => json!({ "value": "sk-sample-0123456789", "holder": "user" }),
        "create_lead" | "replace_lead" => lead(),
        "update_lead" => {
            let mut patch = lead();
            patch.as_object_mut().unwrap().remove("utm");
            patch
        }
        "create_lead_source" | "replace_lead_source" => {
            json!({ "name": "A source", "kind": "json_url", "url": "https://crm.example/people", "pointer": "/people",
                "next_pointer": "/next", "since_parameter": "since", "mapping": { "mail": "email" },
                "tags": ["pulled"], "on_existing": "fill", "auth": { "kind": "none" } })
        }
        "sync_leads" => json!({ "source_ids": [], "kind": "csv_url" }),
        "create_scoring_model" | "replace_scoring_model" | "update_scoring_model" => scoring_model(),
        "preview_scoring_model" => {
            json!({ "rules": scoring_rules(), "caps": { "mail": 15 }, "min_score": 20, "sample": 10 })
        }
        "create_qualification_rules" | "replace_qualification_rules" | "update_qualification_rules" => {
            qualification_rules()
        }
        "preview_qualification_rules" => {
            let mut preview = qualification_parts();
            preview["sample"] = json!(10);
            preview
        }
        "qualify_lead" => {
            json!({ "framework": "bant", "answers": [{ "slot": "budget", "state": "weak", "evidence": "Said so", "confidence": 0.5 }] })
        }
        "set_lead_stage" => json!({ "stage": "engaged", "reason": "Met at the fair", "hold": true }),
        "convert_lead" => json!({ "value": 10, "currency": "EUR", "reason": "Price" }),
        "add_lead_note" => json!({ "text": "Calls back on Monday" }),
        "merge_lead" => {
            json!({ "lead_id": "01890000-0000-7000-8000-000000000001", "version": 1, "fields": { "name": "other",
                "stage": "this", "custom_fields": { "size": "other" } } })
        }
        "unmerge_lead" => json!({ "do_not_merge": false }),
        "record_consent" => {
            json!({ "purpose": "marketing", "decision": "granted", "text": "Write to me" })
        }
        "create_form" | "replace_form" | "update_form" => form(),
        "capture_lead" | "test_form" => {
            json!({ "email": address(), "name": "Grace", "company": "Navy", "referrer": "https://example.com",
            "utm_source": "a", "utm_medium": "b", "utm_campaign": "c", "custom_fields": { "size": "large" } })
        }
        "create_segment" | "replace_segment" | "update_segment" => {
            json!({ "name": "A segment", "description": "Those that matter", "expression": "tag = \"one\" and opened within 30 days" })
        }
        "create_schedule" | "replace_schedule" | "update_schedule" => {
            json!({ "name": "A schedule", "action": { "type": "scan_duplicates" },
                "trigger": { "type": "cron", "expression": "30 8 * * MON-FRI", "time_zone": "Europe/Berlin" },
                "coalesce": true, "max_instances": 2, "misfire_grace": 600, "enabled": true })
        }
        "preview_segment" => json!({ "expression": "source = \"fair\"", "limit": 5 }),
        "create_client" | "replace_client" | "update_client" => client(),
        "create_enrichment_provider" | "replace_enrichment_provider" | "update_enrichment_provider" => {
            enrichment_provider()
        }
        "update_enrichment_settings" => json!({ "automatic": false, "daily_budget": 10 }),
        "create_project" | "replace_project" | "update_project" => project(),
        "create_campaign" | "replace_campaign" | "update_campaign" => campaign(),
        "create_campaigns" => json!({ "campaigns": [campaign()] }),
        "create_campaign_ab_test" => {
            json!({ "variants": [{ "name": "A" }, { "name": "B", "subject": "Other", "html": "<p>Other</p>", "text": "Other" }], "metric": "clicks",
            "mode": "winner", "share": 0.2, "min_hours": 1, "max_hours": 24, "default_variant": 1, "guard_unsubscribes": true })
        }
        "decide_campaign_ab_test" => json!({ "variant": 1 }),
        "resend_campaign" => json!({ "name": "Again", "subject": "Once more" }),
        "schedule_campaign" => json!({ "start_date": "2027-02-01T00:00:00Z" }),
        "create_sequence" | "replace_sequence" | "update_sequence" => sequence(),
        "simulate_sequence" => {
            json!({ "lead_id": uuid::Uuid::nil(), "start": "2027-02-01T00:00:00Z", "days": 30,
            "assume": [{ "days": 1, "hours": 2, "what": { "clicked": { "step": "hello" } } }] })
        }
        "enroll_leads" => json!({ "lead_ids": [uuid::Uuid::nil()] }),
        "exit_lead" => json!({ "lead_id": uuid::Uuid::nil(), "note": "Asked by phone" }),
        "add_lead_event" => json!({ "name": "trial_started", "data": { "plan": "pro" } }),
        "create_outreach" => {
            json!({ "name": "Fair", "lead_ids": [uuid::Uuid::nil()], "subject": "Hello {{ lead.name }}", "html": "<p>Hello</p>", "text": "Hello" })
        }
        "update_outreach_draft" => json!({ "subject": "Hello", "html": "<p>Hello</p>", "text": "Hello" }),
        "create_template" | "replace_template" | "update_template" => template(),
        "preview_template" => json!({ "sample": { "first_name": "Ada" }, "variables": { "code": "7" } }),
        "lint_template" => json!({ "check_links": false }),
        "create_template_from_starter" => {
            json!({ "starter": "welcome", "name": "A template", "status": "draft" })
        }
        "publish_template" => json!({ "force": true }),
        "rollback_template" => json!({ "version": 1 }),
        "create_template_partial" | "replace_template_partial" => {
            json!({ "name": unique_name(), "format": "html", "html": "<p>{{ brand.name }}</p>" })
        }
        "create_email_topic" => json!({ "name": "Product news", "description": "Once a month" }),
        "update_email_topic" => json!({ "name": "News", "description": "Once a week", "archived": false }),
        "replace_brand" => {
            json!({ "name": "Acme", "colors": { "primary": "#2348d6" }, "logo_url": "https://acme.example/logo.png",
            "website": "https://acme.example/", "address": "1 Harbour Road, Dublin", "email": "hello@acme.example", "phone": "+353 1 234" })
        }
        // Whoever asks goes on asking, so the password is a wrong one.
        "delete_account" => json!({ "password": "not the password", "delete_organization": false }),
        "create_email_domain" => {
            let unique = address().replace(['@', '.'], "-");
            json!({ "domain": format!("{unique}.example"), "algorithms": ["rsa", "ed25519"], "warmup": true })
        }
        "update_email_domain" => json!({ "warmup": false }),
        "create_suppression" => json!({ "email": address(), "note": "Asked by phone" }),
        "send_email" => {
            json!({ "to": address(), "subject": "Hello {{ code }}", "body": "<p>Hello</p>", "variables": { "code": "7" } })
        }
        _ => Value::Null,
    }
}

/// The JSON pointers of every text in a value.
pub fn texts(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, all: &mut Vec<String>) {
        match value {
            Value::String(_) => all.push(path.to_owned()),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{path}/{index}"), all);
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields {
                    walk(item, &format!("{path}/{name}"), all);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(value, "", &mut all);
    all
}
