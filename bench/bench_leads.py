"""Measures what people do with a million leads, on PostgreSQL: see scripts/bench-leads.

The leads come in as one file through the API, with companies, tags and fields of which some are frequent and most are rare. What
happened to them (mails, opens, clicks, submissions, consents) is written by SQL, since it would take hours otherwise. Then: previews
of segments, searches, the overview, and all scores anew. `--plans FILE` writes the plans of the statements that the server sends,
as PostgreSQL logs them (auto_explain), into a page of the docs.
"""

import csv
import io
import os
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from harness import PG_BIN, PG_URL, Client, Failed, free_port, main, memory, stop

ROWS = int(os.environ.get("GROUNDSWELL_BENCH_LEADS", "1000000"))
LOG = Path(os.environ["GROUNDSWELL_TEST_DIR"]) / "postgres/log"
AIMS = {"import, lines/s": 10_000, "memory of the import, MiB": 200, "search p95, ms": 50, "overview p95, ms": 50, "segment, ms": 300, "leads scored/s": 20_000}

FIRST = "Ada Grace Alan Linus Margaret Dennis Barbara Edsger Donald Katherine Zoë Jürgen".split()
LAST = "Lovelace Hopper Turing Torvalds Hamilton Ritchie Liskov Dijkstra Knuth Johnson Schmidt Müller".split()
TITLES = ["CEO", "CTO", "Head of Marketing", "Engineer", "Sales Manager", ""]
FORM = {"name": "Contact", "fields": [{"name": "email", "type": "email", "required": True}]}
SEGMENTS = [
    'tag = "vip"',
    "score.total >= 50",
    "opened within 30 days",
    "never clicked",
    'submitted form("FORM") and not submitted form("OTHER")',
    'opened campaign("CAMPAIGN")',
    "opened at least 3 times",
    "opened within 30 days or clicked within 30 days",
    "consent.marketing = granted",
    'custom.plan = "Team"',
    "custom.seats > 100",
    'email.domain = "company77.example"',
    "stage in (qualified, opportunity)",
    "not suppressed",
    "email.free_mail = yes",
    'tag = "vip" and opened within 30 days and never clicked and not suppressed',
]


def leads(rows):
    """A file like those of real people: names repeat, companies are of very different sizes, half of all is missing."""
    dice = random.Random(42)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["email", "name", "company", "title", "phone", "tags", "plan", "seats", "country"])
    for n in range(rows):
        company = int(dice.random() * dice.random() * 5000)
        domain = "gmail.com" if dice.random() < 0.3 else f"company{company}.example"
        tags = [tag for tag, share in (("vip", 0.02), ("newsletter", 0.1), (f"tag{n % 50}", 0.5)) if dice.random() < share]
        out.writerow([
            f"person{n}@{domain}", f"{dice.choice(FIRST)} {dice.choice(LAST)}", f"Company {company} GmbH" if dice.random() < 0.75 else "",
            dice.choice(TITLES), f"+49 30 {n:07d}" if dice.random() < 0.4 else "", ", ".join(tags),
            dice.choice(["Free", "Free", "Free", "Pro", "Team"]), dice.randrange(200), dice.choice(["DE", "AT", "CH", "FR", "US"]),
        ])
    return text.getvalue()


def happen(database, organization, form, other, campaign):
    """Mails, opens, clicks, submissions, consents, suppressed addresses and stages, as the server would have written them."""
    org = f"'{organization}'::uuid"
    database.sql(f"CREATE TABLE bench_leads AS SELECT id, email, email_key, (row_number() OVER (ORDER BY id))::bigint AS n FROM leads WHERE organization_id = {org}")
    pick = "(n * 7919 + {c} * 104729) % 10 = 0"
    for c in range(1, 11):
        one = f"'{campaign}'::uuid" if c == 1 else f"md5('campaign {c}')::uuid"
        message = f"md5('mail {c} ' || n)::uuid"
        database.sql(
            "INSERT INTO email_messages (organization_id, id, kind, campaign_id, lead_id, to_email, to_key, status, attempts, next_attempt_at, sent_at, created_at, updated_at) "
            f"SELECT {org}, {message}, 'campaign', {one}, id, email, email_key, 'sent', 1, now(), now() - {c} * interval '30 days', now() - {c} * interval '30 days', now() "
            f"FROM bench_leads WHERE {pick.format(c=c)}"
        )
    database.sql("UPDATE email_messages SET opened_at = sent_at + random() * interval '3 days' WHERE random() < 0.45")
    database.sql(
        "INSERT INTO lead_events (organization_id, lead_id, occurred_at, id, kind, subject, data) "
        "SELECT organization_id, lead_id, opened_at, gen_random_uuid(), 'email_opened', id, '{}' FROM email_messages WHERE opened_at IS NOT NULL"
    )
    for kind, share, subject in (("email_opened", 0.8, "gen_random_uuid()"), ("email_clicked", 0.4, "gen_random_uuid()"), ("form_submitted", 0.42, f"'{form}'::uuid"), ("form_submitted", 0.42, f"'{other}'::uuid")):
        database.sql(
            "INSERT INTO lead_events (organization_id, lead_id, occurred_at, id, kind, subject, data) "
            f"SELECT {org}, id, now() - random() * interval '360 days', gen_random_uuid(), '{kind}', {subject}, '{{}}' FROM bench_leads WHERE random() < {share}"
        )
    database.sql(
        "INSERT INTO consents (organization_id, id, lead_id, purpose, decision, text, source, created_at) "
        f"SELECT {org}, gen_random_uuid(), id, p, CASE WHEN random() < 0.8 THEN 'granted' ELSE 'withdrawn' END, 'ok', 'form', now() - random() * interval '500 days' "
        "FROM bench_leads, (VALUES ('marketing'), ('newsletter')) AS v (p) WHERE random() < 0.35"
    )
    database.sql(
        "INSERT INTO suppressions (organization_id, id, email, email_key, reason, created_at) "
        f"SELECT {org}, gen_random_uuid(), email, email_key, 'unsubscribe', now() FROM bench_leads WHERE random() < 0.02"
    )
    database.sql("DROP TABLE bench_leads")
    # In pieces of stages that a year of work leaves; the counters are those of statuses.
    database.sql(
        "UPDATE leads SET stage = s.stage, furthest_stage = s.stage, status = s.status, stage_since = now() - random() * interval '300 days' "
        "FROM (SELECT id, (ARRAY['engaged','qualified','opportunity','converted'])[1 + (random() * 3)::int] AS stage FROM leads WHERE random() < 0.4) AS p, "
        "(VALUES ('engaged','contacted'), ('qualified','qualified'), ('opportunity','qualified'), ('converted','converted')) AS s (stage, status) "
        f"WHERE leads.organization_id = {org} AND leads.id = p.id AND p.stage = s.stage"
    )
    database.sql(f"DELETE FROM lead_counters WHERE organization_id = {org}")
    database.sql(f"INSERT INTO lead_counters (organization_id, slot, status, leads) SELECT {org}, 0, status, count(*) FROM leads WHERE organization_id = {org} GROUP BY status")
    database.sql("VACUUM ANALYZE leads, lead_events, email_messages, consents, suppressions, lead_counters, lead_scores, score_entries")


def timed(work):
    began = time.perf_counter()
    answer = work()
    return (time.perf_counter() - began) * 1000, answer


def searches():
    """What people type: a name, a part of an address, a company, and things that nobody has."""
    dice = random.Random(7)
    for _ in range(40):
        n = dice.randrange(ROWS)
        yield f"person{n}@"
        yield f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        yield f"company {dice.randrange(5000)} gmbh"
        yield f"nobody{n}"
        yield dice.choice(LAST)[:4]


def share(numbers, of):
    return sorted(numbers)[min(len(numbers) - 1, int(len(numbers) * of))]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, figure, aim=None):
        self.rows.append((what, figure, aim))
        print(f"{what:<78} {figure:>12,.0f}{'' if aim is None else f'   (aim: {AIMS[aim]:,})'}")

    def missed(self):
        more = ("/s",)
        for what, figure, aim in self.rows:
            if aim and (figure < AIMS[aim] if aim.endswith(more) else figure > AIMS[aim]):
                yield f"{what}: {figure:,.0f}, the aim is {AIMS[aim]:,}"


def expressions(ids):
    for text in SEGMENTS:
        for name, id_ in ids.items():
            text = text.replace(name, id_)
        yield text


def measure(client, table, ids):
    for text in expressions(ids):
        body = {"expression": text, "limit": 10}
        runs = [timed(lambda: client.post("/api/segments/preview", body)) for _ in range(5)]
        shown = re.sub(r"[0-9a-f-]{36}", "…", text)
        table.add(f"segment, ms: {shown} ({runs[0][1]['count']:,} leads)", statistics.median(ms for ms, _ in runs), "segment, ms")
    found = [timed(lambda term=term: client.get(f"/api/leads/search?q={quote(term)}&limit=25"))[0] for term in searches()]
    table.add("search p50, ms", share(found, 0.5))
    table.add("search p95, ms", share(found, 0.95), "search p95, ms")
    seen = [timed(lambda: client.get("/api/leads/analytics/overview"))[0] for _ in range(100)]
    table.add("overview p95, ms", share(seen, 0.95), "overview p95, ms")
    for report in ("funnel", "conversion?by=source", "time-to-convert", "cohorts", "velocity", "outcomes"):
        ms = statistics.median(timed(lambda path=report: client.get(f"/api/leads/analytics/{path}"))[0] for _ in range(3))
        table.add(f"report, ms: {report}", ms)


# --- scores -----------------------------------------------------------------------------------------------------------


def rules(points):
    return [
        {"name": "sent_a_form", "axis": "engagement", "points": 12, "half_life_days": 30, "cap": 60, "when": {"event": "form_submitted"}},
        {"name": "opened", "axis": "engagement", "points": 3, "half_life_days": 14, "kind": "mail", "when": {"event": "email_opened"}},
        {"name": "clicked", "axis": "engagement", "points": 6, "half_life_days": 14, "kind": "mail", "max_per_day": 2,
         "when": {"event": "email_clicked", "data": {"field": "url", "contains": "pricing"}}},
        {"name": "large", "axis": "fit", "points": 30, "when": {"field": "custom_fields.seats", "gte": 50}},
        {"name": "company", "axis": "fit", "points": 20, "when": {"field": "company", "exists": True}},
        {"name": "team", "axis": "fit", "points": points, "when": {"field": "custom_fields.plan", "eq": "Team"}},
    ]


def score(client, database, table, process):
    """A new primary model, which is the worst case; then an edit that changes nothing, as in most nights; then one of a fifth."""
    models = "/api/leads/scoring/models"
    body = {"name": "Bench", "status": "active", "primary": True, "rules": rules(5), "caps": {"mail": 20}}
    path = f"{models}/{client.post(models, body)['id']}"
    for model in client.get(models):
        if model["name"] == "Built-in":
            client.ask("PATCH", f"{models}/{model['id']}", {"status": "archived"})
    table.add("leads scored/s: every score and every ledger changes", rescored(client, path), "leads scored/s")
    check(database)
    database.sql("VACUUM ANALYZE leads, lead_events, lead_scores, score_entries")
    client.ask("PATCH", path, {"caps": {"mail": 1000}})
    table.add("leads scored/s: nearly nothing changes", rescored(client, path), "leads scored/s")
    client.ask("PATCH", path, {"rules": rules(6)})
    table.add("leads scored/s: a fifth of the scores changes", rescored(client, path), "leads scored/s")
    check(database)
    table.add("memory at its peak, MiB", memory(process, "VmHWM"))


def rescored(client, path):
    """Waits for the run: leads a second."""
    started, first = time.monotonic(), None
    while not (run := client.get(path)["run"])["finished_at"]:
        if run["done"] > 0 and first is None:
            first = (time.monotonic(), run["done"])
        time.sleep(0.05)
        if time.monotonic() - started > 3600:
            raise Failed("the run did not end within an hour")
    if run["done"] != ROWS:
        raise Failed(f"the run went through {run['done']} of {ROWS} leads")
    began, done = first or (started, 0)
    return (run["done"] - done) / (time.monotonic() - began)


def check(database):
    wrong = database.sql(
        "SELECT count(*) FROM leads LEFT JOIN (SELECT lead_id, sum(points) AS points FROM score_entries GROUP BY lead_id) AS ledger "
        "ON ledger.lead_id = leads.id LEFT JOIN lead_scores AS score ON score.organization_id = leads.organization_id AND score.lead_id = leads.id "
        "WHERE score.total IS DISTINCT FROM coalesce(ledger.points, 0)"
    )
    if wrong != "0":
        raise Failed(f"the scores of {wrong} leads are not the sums of their ledgers")


# --- plans ------------------------------------------------------------------------------------------------------------


def explain(work, database, settings, client, table, ids, page):
    """Serves again with auto_explain, asks everything once, and writes what PostgreSQL logged."""
    for name, value in (("session_preload_libraries", "auto_explain"), ("auto_explain.log_min_duration", "0"), ("auto_explain.log_analyze", "on"), ("auto_explain.log_buffers", "on"), ("auto_explain.log_timing", "off")):
        superuser(f"ALTER DATABASE {database.name} SET {name} = '{value}'")
    process, _ = work.serve(["serve"], settings)
    parts = []

    def ask(name, call):
        call()
        began = LOG.stat().st_size
        call()
        time.sleep(0.3)
        parts.append((name, plans(since(began))))

    for text in expressions(ids):
        ask(re.sub(r"[0-9a-f-]{36}", "…", text), lambda text=text: client.post("/api/segments/preview", {"expression": text, "limit": 10}))
    for term in ("person123456@", "Grace Hopper", "Hopp"):
        ask(f"search {term}", lambda term=term: client.get(f"/api/leads/search?q={quote(term)}&limit=25"))
    ask("overview", lambda: client.get("/api/leads/analytics/overview"))
    began = LOG.stat().st_size
    client.finish_import(client.start_import(leads(5_000).replace("person", "late")), 5_000, pause=0.5)
    parts.append(("import", plans(since(began), distinct=True)))
    began = LOG.stat().st_size
    models = "/api/leads/scoring/models"
    path = f"{models}/{next(model for model in client.get(models) if model['name'] == 'Bench')['id']}"
    client.ask("PATCH", path, {"rules": rules(7)})
    while not client.get(path)["run"]["finished_at"]:
        time.sleep(0.5)
    parts.append(("scores anew, a fifth changes", plans(since(began), distinct=True)))
    stop(process)
    head = (
        f"# Plans at {ROWS:,} leads\n\nWritten by `scripts/bench-leads --plans`: what each question took (the median over HTTP, on the machine that it ran on), and "
        "each statement on leads that the server sent for it, as PostgreSQL ran it (`auto_explain`), with row-level security.\n\n"
        "| what | figure | aim |\n|---|---:|---:|\n"
    )
    figures = "".join(f"| {what} | {figure:,.0f} | {f'{AIMS[aim]:,}' if aim else ''} |\n" for what, figure, aim in table.rows)
    text = "".join(f"\n## `{name}`\n" + "".join(f"\n```\n{plan}\n```\n" for plan in found) for name, found in parts)
    page.write_text(head + figures + text)


def superuser(sql):
    """Through the socket: elsewhere the superuser is not let in."""
    port = re.search(r":(\d+)/", PG_URL).group(1)
    command = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command += [PG_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", LOG.parent, "-p", port, "-U", "postgres", "-c", sql]
    subprocess.run(command, check=True)


def since(place):
    with open(LOG, "rb") as log:
        log.seek(place)
        return log.read().decode(errors="replace")


def plans(log, distinct=False):
    """The plans of statements about leads in a piece of the log, without what differs from run to run. With `distinct`, only the
    last one of each statement."""
    found = []
    for entry in re.split(r"^\d{4}-\d\d-\d\d .*? LOG:  ", log, flags=re.M):
        if not entry.startswith("duration:"):
            continue
        plan = entry.split("\n", 1)[1]
        statement = re.match(r"\s*Query Text: (.{0,200})", plan)
        plan = "\n".join(line.rstrip().removeprefix("\t")[:300] for line in plan.splitlines())
        plan = re.sub(r"Query Text:.*?\n(?=\S)", "", plan, count=1, flags=re.S)
        plan = re.sub(r"  \(cost=\S+ rows=\d+ width=\d+\)", "", plan)
        plan = re.sub(r"'[0-9a-f]{8}-[0-9a-f-]{27}'", "'…'", plan)
        # Row-level security asks this of every table.
        plan = re.sub(r"\n *InitPlan \d \(returns \$\d\)\n *->  Result [^\n]*", "", plan)
        if re.search(r" on (leads|lead_|score_|email_messages|consents|suppressions)", plan):
            found.append((statement and statement.group(1), plan.strip()))
    return list(dict(found).values()) if distinct else [plan for _, plan in found]


def bench(work):
    page = Path(sys.argv[sys.argv.index("--plans") + 1]) if "--plans" in sys.argv else None
    if page:
        # Not to be found missing after ten minutes.
        page.parent.mkdir(parents=True, exist_ok=True)
    database, port = work.database("postgres"), free_port()
    settings = work.settings(database, port, EMAIL__TRANSPORT="outbox", DNS__ENABLED="false")
    process, _ = work.serve(["serve"], settings)
    client = Client(port)
    organization = client.register()
    form, other = (client.post("/api/lead-capture/forms", FORM)["id"] for _ in range(2))
    campaign = client.post("/api/campaigns", {"name": "Spring", "type": "email", "content": {"subject": "Hello", "html": "<p>Hello</p>"}})["id"]
    client.use_key()
    table = Table()
    text = leads(ROWS)
    began = time.monotonic()
    client.finish_import(client.start_import(text), ROWS, pause=0.5)
    table.add("import, lines/s", ROWS / (time.monotonic() - began), "import, lines/s")
    table.add("memory of the import, MiB", memory(process, "VmHWM"), "memory of the import, MiB")
    del text
    ids = {"FORM": form, "OTHER": other, "CAMPAIGN": campaign}
    happen(database, organization, form, other, campaign)
    score(client, database, table, process)
    database.sql("VACUUM ANALYZE leads, lead_scores, score_entries")
    measure(client, table, ids)
    stop(process)
    if page:
        explain(work, database, settings, client, table, ids, page)
    missed = list(table.missed())
    if missed:
        raise Failed("; ".join(missed))
    return 0


if __name__ == "__main__":
    main(bench)
