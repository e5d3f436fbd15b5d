"""Measures how fast the scores of many leads are computed anew: see scripts/bench-scoring.

An organization with many leads, three events each. A new primary model gives every lead another score and every ledger other
lines, which is the worst case. Then the same model is edited where it changes nothing, which is what most nights are: everything
is read and computed, and nothing is written. Last, an edit that moves every tenth lead. The plans of the statements are printed at the end.
"""

import os
import time

from harness import Client, Failed, free_port, main, memory, stop

LEADS = int(os.environ.get("GROUNDSWELL_BENCH_LEADS", "1000000"))
MODELS = "/api/leads/scoring/models"

FORM = {"name": "Contact", "fields": [{"name": "email", "type": "email", "required": True}]}


def rules(points):
    return [
        {"name": "sent_a_form", "axis": "engagement", "points": 12, "half_life_days": 30, "cap": 60, "when": {"event": "form_submitted"}},
        {"name": "opened", "axis": "engagement", "points": 3, "half_life_days": 14, "kind": "mail", "when": {"event": "email_opened"}},
        {"name": "clicked", "axis": "engagement", "points": 6, "half_life_days": 14, "kind": "mail", "max_per_day": 2,
         "when": {"event": "email_clicked", "data": {"field": "url", "contains": "pricing"}}},
        {"name": "large", "axis": "fit", "points": 30, "when": {"field": "custom_fields.size", "gte": 50}},
        {"name": "company", "axis": "fit", "points": 20, "when": {"field": "company", "exists": True}},
        {"name": "every_tenth", "axis": "fit", "points": points, "when": {"field": "custom_fields.tenth", "eq": True}},
    ]


def fill(database, organization):
    """Leads, events and counters as the server keeps them, and what the built-in model gives for it."""
    lead = "('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
    event = "('0199{kind}-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid"
    org = f"'{organization}'::uuid"
    email = "'lead' || n || '@example.org'"
    database.sql(
        "INSERT INTO leads (organization_id, id, email, email_key, name, company, source, status, stage, stage_since, tags, custom_fields, "
        "score_total, score_fit, score_engagement, search_text, created_at, updated_at, version) "
        f"SELECT {org}, {lead}, {email}, {email}, 'Lead Number ' || n, 'Company ' || n % 97, 'form', 'new', 'new', now(), '[\"fair\"]', "
        "jsonb_build_object('size', n % 100, 'tenth', n % 10 = 0), 17, 0, 17, 'lead number ' || n || E'\\n' || "
        f"{email} || E'\\ncompany ' || n % 97, now() - n * interval '1 second', now(), 1 FROM generate_series(1, {LEADS}) AS n"
    )
    database.sql(f"INSERT INTO lead_counters (organization_id, slot, status, leads) VALUES ({org}, 0, 'new', {LEADS})")
    for kind, rule, points, name in (("0001", "form_submitted", 10, "submission"), ("0002", "email_opened", 2, "message"), ("0003", "email_clicked", 5, "message")):
        id_ = event.replace("{kind}", kind)
        when = "now() - (n % 40) * interval '1 day'"
        database.sql(
            "INSERT INTO lead_events (organization_id, lead_id, occurred_at, id, kind, subject, data) "
            f"SELECT {org}, {lead}, {when}, {id_}, '{rule}', {id_}, '{{\"url\": \"https://example.com/pricing\"}}' FROM generate_series(1, {LEADS}) AS n"
        )
        database.sql(
            "INSERT INTO score_entries (organization_id, id, lead_id, rule, axis, points, event, created_at) "
            f"SELECT {org}, {id_}, {lead}, '{rule}', 'engagement', {points}, '{name}:' || {id_}, {when} FROM generate_series(1, {LEADS}) AS n"
        )
    database.sql("VACUUM ANALYZE leads, lead_events, score_entries")


def finish(client, path, what, process):
    """Waits for the run, and says how fast it was."""
    started = time.monotonic()
    first = None
    while True:
        run = client.get(path)["run"]
        if run["done"] > 0 and first is None:
            first = (time.monotonic(), run["done"])
        if run["finished_at"]:
            break
        time.sleep(0.05)
        if time.monotonic() - started > 3600:
            raise Failed("the run did not end within an hour")
    seconds = time.monotonic() - first[0]
    rate = (run["done"] - first[1]) / seconds if seconds > 0 else 0
    print(f"{what:<48} {run['done']:>9,} leads  {rate:>9,.0f} leads/s  {memory(process, 'VmHWM'):>6.0f} MiB")
    if run["done"] != LEADS:
        raise Failed(f"the run went through {run['done']} of {LEADS} leads")


def check(database):
    wrong = database.sql(
        "SELECT count(*) FROM leads LEFT JOIN (SELECT lead_id, sum(points) AS points FROM score_entries GROUP BY lead_id) AS ledger "
        "ON ledger.lead_id = leads.id WHERE leads.score_total <> coalesce(ledger.points, 0)"
    )
    if wrong != "0":
        raise Failed(f"the scores of {wrong} leads are not the sums of their ledgers")


def plans(database, organization):
    org = f"'{organization}'::uuid"
    between = "> '01990000-0000-7000-8000-000000000010' AND {0} <= '01990000-0000-7000-8000-0000000007e0'"
    for table, column in (("lead_events", "lead_id"), ("score_entries", "lead_id"), ("side_score_entries", "lead_id")):
        sql = f"SELECT * FROM {table} WHERE organization_id = {org} AND {column} {between.format(column)}"
        print(f"\n{sql}\n{database.sql('EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ' + sql)}")
    sql = f"SELECT * FROM leads WHERE organization_id = {org} AND id {between.format('id')} ORDER BY email_key FOR UPDATE"
    print(f"\n{sql}\n{database.sql('EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ' + sql)}")


def bench(work):
    database = work.database("postgres")
    port = free_port()
    environment = work.settings(database, port, EMAIL__TRANSPORT="outbox")
    process, _ = work.serve(["serve"], environment)
    client = Client(port)
    organization = client.register()
    client.use_key()
    fill(database, organization)
    body = {"name": "Bench", "status": "active", "primary": True, "rules": rules(5), "caps": {"mail": 20}}
    path = f"{MODELS}/{client.post(MODELS, body)['id']}"
    for model in client.get(MODELS):
        if model["name"] == "Built-in":
            client.ask("PATCH", f"{MODELS}/{model['id']}", {"status": "archived"})
    finish(client, path, "every lead's score and ledger changes", process)
    check(database)
    database.sql("VACUUM ANALYZE leads, lead_events, score_entries")
    client.ask("PATCH", path, {"caps": {"mail": 1000}})
    finish(client, path, "nothing changes", process)
    client.ask("PATCH", path, {"rules": rules(6)})
    finish(client, path, "a tenth of the leads' scores change", process)
    check(database)
    plans(database, organization)
    stop(process)


main(bench)
