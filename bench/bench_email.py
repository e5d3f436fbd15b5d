"""Measures mail on PostgreSQL: see scripts/bench-email.

How fast a campaign leaves with one and with two workers, every mail with merge fields, tracked links, a pixel and its rows in the
ledger, beside what the same smtp-sink takes from postfix's smtp-source, which reads one mail from memory and writes nothing down;
how long a million recipients take to be written into the ledger, and what memory sending to them needs; and how many opens and
clicks a second are taken in.
"""

import email
import email.policy
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from harness import BINARY, CAMPAIGN, ROOT, SMTP_SINK, Client, Failed, free_port, leads_csv, main, memory

MAILS = int(os.environ.get("GROUNDSWELL_BENCH_MAILS", "20000"))
LEADS = int(os.environ.get("GROUNDSWELL_BENCH_LEADS", "1000000"))
SECONDS = int(os.environ.get("GROUNDSWELL_BENCH_SECONDS", "10"))
SMTP_SOURCE = Path(SMTP_SINK).with_name("smtp-source")
# smtp-source's best on a quiet machine: more sessions make it slower.
SESSIONS = 16
AIMS = {"share of smtp-source": 0.5, "memory while sending to them, MiB": 60, "opens and clicks/s": 5000, "p99 of them, ms": 20}


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, figure, aim=None):
        self.rows.append((what, figure, aim))
        shown = f"{figure:,.2f}" if figure < 10 else f"{figure:,.0f}"
        print(f"{what:<70} {shown:>12}{'' if aim is None else f'   (aim: {AIMS[aim]:,})'}")

    def missed(self):
        for what, figure, aim in self.rows:
            at_most = aim and aim.endswith(("MiB", "ms"))
            if aim and (figure > AIMS[aim] if at_most else figure < AIMS[aim]):
                yield f"{what}: {figure:,.2f}, the aim is {AIMS[aim]:,}"


def source(port):
    """Mails a second that the sink takes from postfix's own client."""
    command = [SMTP_SOURCE, "-d", "-s", str(SESSIONS), "-m", str(MAILS), "-l", "2500", "-f", "a@sender.example", "-t", "b@example.org", f"127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(command, check=True)
    return MAILS / (time.monotonic() - began)


class Server:
    """The API in one process, workers in others, over a database with its leads."""

    def __init__(self, work, sink, leads):
        self.work, port = work, free_port()
        self.environment = work.settings(
            work.database("postgres"),
            port,
            EMAIL__TRANSPORT="smtp",
            EMAIL__SMTP_URL=f"smtp://127.0.0.1:{sink}?tls=none",
            EMAIL__FROM="news@sender.example",
            DNS__ENABLED="false",
            # For a mail server that takes what it gets: the defaults are for those that don't.
            EMAIL__SEND_GROUP="64",
            EMAIL__SEND_LANES="4",
            EMAIL__CONNECTIONS="32",
        )
        work.run(["migrate"], self.environment)
        self.api, _ = work.serve(["api"], self.environment, "api.log")
        self.client = Client(port)
        self.client.register()
        self.client.use_key()
        importer = self.worker()
        self.client.finish_import(self.client.start_import(leads_csv(leads, "r")), leads, pause=0.5)
        end(importer)

    def worker(self):
        return self.work.spawn([BINARY, "worker"], "worker.log", env=self.environment)

    def launch(self):
        campaign = self.client.post("/api/campaigns", CAMPAIGN)["id"]
        self.client.post(f"/api/campaigns/{campaign}/launch", {})
        return campaign

    def wait(self, campaign, reached):
        while not reached(found := self.client.get(f"/api/campaigns/{campaign}")):
            if found["status"] not in ("active", "completed"):
                raise Failed(f"the campaign is {found['status']}")
            time.sleep(0.02)
        return time.monotonic()


def end(process):
    process.terminate()
    process.wait(60)


def sending(server, workers):
    """Mails a second, from the first that left to the last."""
    running = [server.worker() for _ in range(workers)]
    campaign = server.launch()
    began = server.wait(campaign, lambda found: found["metrics"]["sent"] > 0)
    ended = server.wait(campaign, lambda found: found["status"] == "completed")
    metrics = server.client.get(f"/api/campaigns/{campaign}/metrics")
    if metrics["sent"] != MAILS:
        raise Failed(f"not everybody got the mail: {metrics}")
    for process in running:
        end(process)
    return MAILS / (ended - began), campaign


def million(server, table):
    draft = server.client.post("/api/campaigns", CAMPAIGN)["id"]
    began = time.monotonic()
    forecast = server.client.post(f"/api/campaigns/{draft}/forecast", {})
    table.add(f"seconds of a forecast for {LEADS:,} leads", time.monotonic() - began)
    if forecast["audience"] != LEADS:
        raise Failed(f"the forecast has another audience: {forecast}")
    worker = server.worker()
    began = time.monotonic()
    campaign = server.launch()
    ended = server.wait(campaign, lambda found: found["metrics"]["audience"] == LEADS)
    table.add(f"seconds until {LEADS:,} recipients are in the ledger", ended - began)
    until, most = time.monotonic() + 60, 0
    before = server.client.get(f"/api/campaigns/{campaign}/metrics")["sent"]
    while time.monotonic() < until:
        most = max(most, memory(worker))
        time.sleep(0.2)
    sent = server.client.get(f"/api/campaigns/{campaign}/metrics")["sent"] - before
    table.add("mails/s of the first minute after that", sent / 60)
    table.add("memory while sending to them, MiB", most, "memory while sending to them, MiB")
    server.client.post(f"/api/campaigns/{campaign}/cancel", {})
    end(worker)


def links(folder):
    """Paths of the pixels and of the tracked links in the mails that the sink has."""
    found = []
    for path in folder.iterdir():
        mail = email.message_from_bytes(path.read_bytes().replace(b"\r\n", b"\n").split(b"\nReceived:", 1)[1], policy=email.policy.default)
        html = mail.get_body(("html",)).get_content()
        found += re.findall(r"https?://[^/\"]+(/t/[oc]/[^\"]+)", html)
        if len(found) >= 20_000:
            break
    return found


def follow(port, file):
    for seconds in (2, SECONDS):
        command = ["wrk", "-t1", "-c24", f"-d{seconds}s", "--timeout", "30s", "-s", "follow.lua", f"http://127.0.0.1:{port}/", "--", file]
        out = subprocess.run(command, cwd=ROOT / "bench/wrk", check=True, stdout=subprocess.PIPE, text=True).stdout
        found = {name: int(value) for name, value in (pair.split("=") for pair in re.search(r"^RESULT (.*)$", out, re.M).group(1).split())}
        if found["refused"] or found["broken"]:
            raise Failed(f"not every open and click was taken: {found}")
    return found["requests"] / (found["micros"] / 1e6), found["p99"] / 1000


def judged(client, campaign):
    """Seconds until the campaign's clicks and opens grow no more: they are counted when they are judged."""
    began = last = time.monotonic()
    seen = None
    while time.monotonic() - last < 2:
        metrics = client.get(f"/api/campaigns/{campaign}/metrics")
        if (found := (metrics["opens"], metrics["clicks"])) != seen:
            seen, last = found, time.monotonic()
        time.sleep(0.1)
    return last - began


def bench(work):
    table = Table()
    sink, _ = work.sink()
    limit = max(source(sink) for _ in range(3))
    table.add("mails/s: smtp-source to smtp-sink", limit)
    server = Server(work, sink, MAILS)
    for workers in (1, 2):
        rate, _ = sending(server, workers)
        table.add(f"mails/s: a campaign to smtp-sink, {workers} worker{'s' * (workers - 1)}", rate)
        table.add("share of smtp-source", rate / limit, "share of smtp-source" if workers == 2 else None)

    keeping, folder = work.sink(keep=True)
    server.environment["GROUNDSWELL__EMAIL__SMTP_URL"] = f"smtp://127.0.0.1:{keeping}?tls=none"
    campaign = sending(server, 1)[1]
    file = work.folder / "paths"
    found = links(folder)
    if not found:
        raise Failed("the mails have no tracked links")
    file.write_text("\n".join(found) + "\n")
    shutil.rmtree(folder)
    judging = server.worker()
    rate, p99 = follow(server.client.port, file)
    table.add("opens and clicks/s", rate, "opens and clicks/s")
    table.add("p99 of them, ms", p99, "p99 of them, ms")
    table.add("seconds after that until all are judged and counted", judged(server.client, campaign))
    end(judging)
    end(server.api)

    if LEADS:
        million(Server(work, sink, LEADS), table)
    missed = list(table.missed())
    if missed:
        raise Failed("; ".join(missed))
    return 0


if __name__ == "__main__":
    main(bench)
