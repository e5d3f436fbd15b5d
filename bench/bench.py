"""Measures one build on one database and prints a table: see scripts/bench.

On PostgreSQL the same is asked of what limits it (pgbench with the statements that the server sends) and of the stack that
one would run instead (bench/peer), one after the other on the same server, with the same client. Whoever is measured has
the machine to itself: everything else is idle.
"""

import os
import re
import secrets
import statistics
import subprocess
import sys
import time

from harness import CAMPAIGN, EVERYTHING, PG_BIN, ROOT, Client, Failed, free_port, leads_csv, main, memory, python_with, stop, wait_ready

CONNECTIONS = 16
SECONDS = int(os.environ.get("GROUNDSWELL_BENCH_SECONDS", "10"))
LEADS = int(os.environ.get("GROUNDSWELL_BENCH_LEADS", "1000000"))
IMPORTED = 100_000
MAILS = 10_000
# The peer has its one form and its organization under this id.
PEER_ID = "00000000-0000-7000-8000-000000000001"
BENCH = ROOT / "bench"

FORM = {
    "name": "Contact",
    "fields": [
        {"name": "name", "type": "text", "required": True},
        {"name": "email", "type": "email", "required": True},
        {"name": "phone", "type": "tel"},
        {"name": "company", "type": "text"},
    ],
    # As the peer does, a job follows each submission.
    "settings": {"notify": ["team@bench.example"]},
}


# --- measuring --------------------------------------------------------------------------------------------------------


class Rate:
    """Answers per second, and how long one took, in milliseconds."""

    def __init__(self, rate, p50, p99):
        self.rate, self.p50, self.p99 = rate, p50, p99

    def __str__(self):
        return f"{self.rate:,.0f}/s p50 {self.p50:.1f} p99 {self.p99:.1f} ms"


def wrk(script, port, path, bearer=None):
    """A short run to warm up, then the one that counts. An answer that is not 2xx ends everything."""
    for seconds in (2, SECONDS):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", f"{script}.lua"]
        if bearer:
            command += ["-H", f"Authorization: Bearer {bearer}"]
        command += [f"http://127.0.0.1:{port}{path}", "--", secrets.token_hex(4)]
        out = subprocess.run(command, cwd=BENCH / "wrk", check=True, stdout=subprocess.PIPE, text=True).stdout
        found = dict(pair.split("=") for pair in re.search(r"^RESULT (.*)$", out, re.M).group(1).split())
        number = {name: int(value) for name, value in found.items()}
        if number["refused"] or number["broken"]:
            raise Failed(f"{path} on port {port}: {found}")
    return Rate(number["requests"] / (number["micros"] / 1e6), number["p50"] / 1000, number["p99"] / 1000)


def pgbench(url, script, **variables):
    command = [PG_BIN / "pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS)]
    for name, value in variables.items():
        command += ["-D", f"{name}={value}"]
    command += ["-f", BENCH / "pgbench" / f"{script}.sql", url]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"pgbench {script}: {done.stderr[-500:]}")
    return float(re.search(r"^tps = ([0-9.]+)", done.stdout, re.M).group(1))


def note(text):
    sys.stderr.write(f"  ... {text}\n")


# --- ours -------------------------------------------------------------------------------------------------------------


def fill(database, organization, leads):
    """`leads` more of them, as copies of one that was captured, with the counters kept as the server keeps them."""
    known = int(database.sql("SELECT count(*) FROM leads"))
    if database.kind == "PostgreSQL":
        columns = database.sql("SELECT column_name FROM information_schema.columns WHERE table_name = 'leads'").split("\n")
        id_, series = "('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid", f"generate_series(1, {leads}) AS n"
        organization = f"'{organization}'"
    else:
        columns = database.sql("SELECT name FROM pragma_table_info('leads')").split("\n")
        id_ = "randomblob(16)"
        series = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {leads}) SELECT n FROM s)"
        organization = f"x'{organization.replace('-', '')}'"
    own = {"id": id_} | dict.fromkeys(("email", "email_key", "search_text"), "'fill' || n || '@example.org'")
    values = ", ".join(own.get(column, f"t.{column}") for column in columns)
    database.sql(
        f"INSERT INTO leads ({', '.join(columns)}) SELECT {values} "
        f"FROM (SELECT * FROM leads WHERE organization_id = {organization} LIMIT 1) AS t, {series}"
    )
    database.sql(f"INSERT INTO lead_scores (organization_id, lead_id, total, fit, engagement) SELECT {organization}, id, 0, 0, 0 FROM leads WHERE email LIKE 'fill%@example.org'")
    database.sql(
        f"INSERT INTO lead_counters (organization_id, slot, status, leads) VALUES ({organization}, 0, 'new', {leads}) "
        "ON CONFLICT (organization_id, slot, status) DO UPDATE SET leads = lead_counters.leads + excluded.leads"
    )
    if database.kind == "PostgreSQL":
        database.sql("VACUUM ANALYZE leads, lead_scores")
    return known + leads


def set_up(client):
    """An organization with a form and 1,000 campaigns: their ids."""
    organization = client.register()
    form = client.post("/api/lead-capture/forms", FORM)["id"]
    for _ in range(10):
        campaigns = [{**CAMPAIGN, "budget": 5000, "target_audience": {"tags_any": ["a", "b"], "company": "DE"}} for _ in range(100)]
        client.post("/api/campaigns/bulk/create", {"campaigns": campaigns})
    return organization, form


def measure_start(work, kind, found):
    database, port = work.database(kind), free_port()
    environment = work.settings(database, port)
    process, found["first start, s"] = work.serve(["serve"], environment)
    stop(process)
    starts = []
    for _ in range(5):
        process, seconds = work.serve(["serve"], environment)
        starts.append(seconds)
        if len(starts) < 5:
            stop(process)
    found["start, s"] = statistics.median(starts)
    time.sleep(3)
    found["idle RSS, MiB"] = memory(process)
    stop(process)


def measure_requests(work, kind, found):
    """The API alone, as in production, where workers are processes of their own."""
    database, port = work.database(kind), free_port()
    environment = work.settings(database, port)
    work.run(["migrate"], environment)
    process, _ = work.serve(["api"], environment)
    client = Client(port)
    organization, form = set_up(client)
    note(f"{database.kind}: captures")
    found["captures"] = wrk("capture", port, f"/api/lead-capture/webhook/{form}")
    # The client leaves in the middle of its last requests.
    time.sleep(1)
    kept = int(database.sql("SELECT count(*) FROM submissions"))
    jobs = int(database.sql("SELECT count(*) FROM jobs"))
    if not kept == jobs >= found["captures"].rate * SECONDS * 0.99:
        raise Failed(f"{kept} submissions and {jobs} jobs were kept of {found['captures']}")
    note(f"{database.kind}: list and overview")
    if kind == "postgres":
        # What autovacuum does within a minute.
        database.sql("VACUUM ANALYZE campaigns, campaign_metrics, lead_counters")
    client.sign_in()
    found["list"] = wrk("read", port, "/api/campaigns?limit=50", client.bearer)
    found["pages"] = wrk("pages", port, "/api/campaigns", client.bearer)
    found["overview"] = wrk("read", port, "/api/leads/analytics/overview", client.bearer)
    found["loaded RSS, MiB"] = memory(process, "VmHWM")
    stop(process)
    note(f"{database.kind}: {LEADS:,} leads")
    total = fill(database, organization, LEADS)
    process, _ = work.serve(["api"], environment)
    client = sign_in_again(client)
    counted = client.get("/api/leads/analytics/overview")["total_leads"]
    if counted != total:
        raise Failed(f"the overview counts {counted} leads of {total}")
    found["overview of many"] = wrk("read", port, "/api/leads/analytics/overview", client.bearer)
    stop(process)


def measure_walls(work, found):
    """What row-level security costs: two servers on one database, asked in turn."""
    database = work.database("postgres")
    ports = {"on": free_port(), "off": free_port()}
    work.run(["migrate"], work.settings(database, ports["on"]))
    environments = {
        "on": work.settings(database, ports["on"]),
        "off": work.settings(database, ports["off"], DATABASE__ROW_LEVEL_SECURITY="false"),
    }
    processes = [work.serve(["api"], environments[walls], f"{walls}.log")[0] for walls in ports]
    client = Client(ports["on"])
    organization, form = set_up(client)
    database.sql("VACUUM ANALYZE campaigns, campaign_metrics, lead_counters")
    client.sign_in()
    note("PostgreSQL: row-level security on and off")
    paths = {
        "list": ("read", "/api/campaigns?limit=50"),
        "pages": ("pages", "/api/campaigns"),
        "captures": ("capture", f"/api/lead-capture/webhook/{form}"),
    }
    for key, (script, path) in paths.items():
        rates = {"on": [], "off": []}
        for _ in range(3):
            for walls, port in ports.items():
                bearer = None if key == "captures" else client.bearer
                rates[walls].append(wrk(script, port, path, bearer).rate)
        found[key] = tuple(statistics.median(rates[walls]) for walls in ("on", "off"))
    for process in processes:
        stop(process)


def sign_in_again(client):
    again = Client(client.port)
    again.who = client.who
    again.sign_in()
    return again


def measure_work(work, kind, found):
    """API and worker in one process."""
    database, port = work.database(kind), free_port()
    sink, _ = work.sink()
    smtp = {"EMAIL__TRANSPORT": "smtp", "EMAIL__SMTP_URL": f"smtp://127.0.0.1:{sink}?tls=none", "EMAIL__FROM": "news@sender.example"}
    process, _ = work.serve(["serve"], work.settings(database, port, **smtp))
    note(f"{database.kind}: import")
    client = Client(port)
    client.register()
    csv = leads_csv(IMPORTED, "i")
    began = time.monotonic()
    client.finish_import(client.start_import(csv), IMPORTED)
    found["import"] = IMPORTED / (time.monotonic() - began)

    note(f"{database.kind}: mails")
    # Another organization, whose leads are the audience.
    client = Client(port)
    client.register()
    client.finish_import(client.start_import(leads_csv(MAILS, "m")), MAILS)
    campaign = client.post("/api/campaigns", CAMPAIGN)["id"]
    began = time.monotonic()
    client.post(f"/api/campaigns/{campaign}/launch", {})
    while client.get(f"/api/campaigns/{campaign}")["status"] == "active":
        time.sleep(0.05)
    found["mails"] = MAILS / (time.monotonic() - began)
    metrics = client.get(f"/api/campaigns/{campaign}/metrics")
    if metrics["sent"] != MAILS:
        raise Failed(f"of {MAILS} mails: {metrics}")
    found["RSS after import and mails, MiB"] = memory(process, "VmHWM")
    stop(process)


# --- the others -------------------------------------------------------------------------------------------------------


def measure_limit(work, found):
    """pgbench, on a database that looks like ours did when we began."""
    database, port = work.database("postgres"), free_port()
    process, _ = work.serve(["serve"], work.settings(database, port))
    organization, form = set_up(Client(port))
    stop(process)
    database.sql("VACUUM ANALYZE campaigns, campaign_metrics, forms")
    note("pgbench")
    for script in ("capture", "list", "overview"):
        found[script] = pgbench(database.url + EVERYTHING, script, org=organization, form=form)


def measure_peer(work, found):
    python = python_with("bench-peer", BENCH / "peer/requirements.txt")
    database, port = work.database("postgres"), free_port()
    environment = {**os.environ, "DATABASE_URL": database.url.replace("postgres://", "postgresql+asyncpg://", 1)}
    folder = BENCH / "peer"
    token = subprocess.run([python, "fastapi_peer.py"], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    token = token.stdout.strip()
    command = [python, "-m", "uvicorn", "fastapi_peer:app", "--workers", "2", "--port", str(port), "--no-access-log"]
    process = work.spawn(command, "peer.log", cwd=folder, env=environment)
    wait_ready(process, port, "/api/health", lambda: work.log("peer.log"))
    note("peer: captures, list and overview")
    found["captures"] = wrk("capture", port, f"/api/lead-capture/webhook/{PEER_ID}")
    database.sql("VACUUM ANALYZE peer_campaigns, peer_leads")
    found["list"] = wrk("read", port, "/api/campaigns?limit=50", token)
    found["overview"] = wrk("read", port, "/api/leads/analytics/overview", token)
    note(f"peer: {LEADS:,} leads")
    database.sql(
        "INSERT INTO peer_leads (id, org, email, name, status, score) "
        f"SELECT gen_random_uuid(), '{PEER_ID}', 'fill' || n || '@example.org', 'Ada', 'new', 10 FROM generate_series(1, {LEADS}) AS n"
    )
    database.sql("VACUUM ANALYZE peer_leads")
    found["overview of many"] = wrk("read", port, "/api/leads/analytics/overview", token)
    stop(process)


# --- the table --------------------------------------------------------------------------------------------------------


def line(*cells):
    widths = (34, 38, 38, 10, 30)
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)).rstrip())


def verdict(ok, text):
    return f"{'reached' if ok else 'MISSED '}: {text}"


def judge(value, limit, text, at_most=False):
    return verdict(value <= limit if at_most else value >= limit, text)


def show(kind, ours, limit, peer):
    print(f"\n{'PostgreSQL' if kind == 'postgres' else 'SQLite'}: {CONNECTIONS} connections, {SECONDS} s each")
    line("", "Groundswell", "peer (FastAPI)", "times", "target")
    targets = {"captures": 5, "list": 8}
    names = {"captures": "captures", "list": "list of 50 of 1,000 campaigns", "pages": "15 different lists of about 50", "overview": "overview", "overview of many": f"overview at {LEADS:,} leads"}
    for key, name in names.items():
        if peer and key in peer:
            times = ours[key].rate / peer[key].rate
            target = judge(times, targets[key], f"{targets[key]} times the peer") if key in targets else ""
            if key == "overview of many":
                target = judge(ours[key].p99, 50, "p99 under 50 ms", at_most=True)
            line(name, ours[key], peer[key], f"{times:.1f}", target)
        else:
            line(name, ours[key])
    line("import", f"{ours['import']:,.0f} rows/s", "", "", judge(ours["import"], 5000, "5,000 rows/s"))
    line("mails to an SMTP server", f"{ours['mails']:,.0f}/s")
    line("first start, with migrations", f"{ours['first start, s']:.2f} s", "", "", judge(ours["first start, s"], 1, "ready within a second", at_most=True))
    line("start", f"{ours['start, s']:.2f} s")
    line("memory idle", f"{ours['idle RSS, MiB']:.0f} MiB", "", "", judge(ours["idle RSS, MiB"], 60, "under 60 MB", at_most=True))
    line("memory at most, requests", f"{ours['loaded RSS, MiB']:.0f} MiB")
    line("memory at most, import and mails", f"{ours['RSS after import and mails, MiB']:.0f} MiB")
    if limit:
        print("\nthe same statements without us: pgbench -M prepared")
        for key, script in (("captures", "capture"), ("list", "list"), ("overview", "overview")):
            share = ours[key].rate / limit[script]
            line(names[key], f"{ours[key].rate:,.0f}/s", f"{limit[script]:,.0f}/s", f"{share:.0%}", judge(share, 0.6, "60 % of pgbench") if key == "captures" else "")


def show_walls(found):
    print("\nPostgreSQL: row-level security, on and off in turn (medians of 3)")
    names = {"list": "list of 50 of 1,000 campaigns", "pages": "15 different lists of about 50", "captures": "captures"}
    for key, name in names.items():
        on, off = found[key]
        cost = 1 - on / off
        target = judge(cost, 0.15, "costs under 15 %", at_most=True) if key != "captures" else ""
        line(name, f"on {on:,.0f}/s", f"off {off:,.0f}/s", f"{cost:.1%}", target)


def bench(work):
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    if wanted == "walls":
        walls = {}
        measure_walls(work, walls)
        show_walls(walls)
        return 0
    kinds = {"all": ["sqlite", "postgres"], "sqlite": ["sqlite"], "postgres": ["postgres"]}.get(wanted)
    if kinds is None:
        raise Failed("usage: scripts/bench [sqlite|postgres|walls|all]")
    for kind in kinds:
        ours, limit, peer = {}, {}, {}
        measure_start(work, kind, ours)
        if kind == "postgres":
            # Next to each other in time, because they are compared.
            measure_limit(work, limit)
        measure_requests(work, kind, ours)
        if kind == "postgres":
            measure_peer(work, peer)
        measure_work(work, kind, ours)
        show(kind, ours, limit, peer)
        if kind == "postgres":
            walls = {}
            measure_walls(work, walls)
            show_walls(walls)
    return 0


if __name__ == "__main__":
    main(bench)
