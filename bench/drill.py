"""Sends 10,000 mails to a real SMTP server while the worker is killed with -9 twenty times, or while PostgreSQL is
restarted five times as after a crash, and checks what must hold afterwards:

- nobody got a mail twice;
- every recipient is sent, failed or unknown, and together they are the audience;
- who is "sent" has a mail, and who has a mail is "sent" or "unknown";
- the campaign was never seen completed while somebody was not settled.

Usage (by scripts/drill-kill9): drill.py [--pgcrash] [--recipients N] [--times N]
"""

import argparse
import http.client
import random
import subprocess
import threading
import time
from collections import Counter

from harness import BINARY, CAMPAIGN, ROOT, Client, Failed, free_port, leads_csv, main

# Progress stops for a lease, or for the back-off of a job, after each blow; longer than this it has stopped for good.
STUCK = 180


class Watch(threading.Thread):
    """Looks at the campaign all the time; outages are part of the drill."""

    def __init__(self, client, campaign):
        super().__init__(daemon=True)
        self.client = client
        self.path = f"/api/campaigns/{campaign}"
        self.metrics = {}
        self.status = None
        self.looks = 0
        self.outages = 0
        self.early = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            try:
                status, answer = self.client.call("GET", self.path)
                if status == 200:
                    self.see(answer["data"])
                else:
                    self.outages += 1
            except (OSError, http.client.HTTPException):
                self.outages += 1
            time.sleep(0.02)

    def see(self, campaign):
        metrics = campaign["metrics"]
        self.looks += 1
        if campaign["status"] == "completed" and (metrics["queued"] != 0 or settled(metrics) != metrics["audience"]):
            self.early.append(metrics)
        self.metrics, self.status = metrics, campaign["status"]

    def wait(self, reached):
        """Until `reached`, as long as something moves."""
        last, since = None, time.monotonic()
        while not reached():
            now = (self.status, settled(self.metrics))
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > STUCK:
                raise Failed(f"nothing has moved for {STUCK} seconds: {self.status}, {self.metrics}")
            time.sleep(0.01)


def settled(metrics):
    return sum(metrics.get(name, 0) for name in ("sent", "failed", "suppressed", "unknown", "cancelled"))


def received(folder):
    """Recipients of every mail that the sink has whole, each as often as they got one."""
    mails = Counter()
    for path in folder.iterdir():
        dump = path.read_bytes().replace(b"\r\n", b"\n")
        # The file exists from MAIL on; `Received` comes with DATA, and the empty line with the end.
        if not dump.endswith(b"\n\n") or b"\nReceived:" not in dump:
            continue
        for line in dump.split(b"\nReceived:", 1)[0].split(b"\n"):
            if line.startswith(b"X-Rcpt-Args:"):
                mails[line.split(b"<", 1)[1].split(b">", 1)[0].decode().lower()] += 1
    return mails


def recipients(client, campaign):
    """Address -> state, as the API lists them."""
    states, cursor = {}, ""
    while cursor is not None:
        page = client.ask("GET", f"/api/campaigns/{campaign}/recipients?limit=200{cursor}")
        for message in page["data"]:
            states[message["to"].lower()] = message["status"]
        cursor = page.get("next_cursor")
        cursor = cursor and f"&cursor={cursor}"
    return states


def drill(work):
    options = argparse.ArgumentParser()
    options.add_argument("--pgcrash", action="store_true")
    options.add_argument("--recipients", type=int, default=10_000)
    options.add_argument("--times", type=int)
    options = options.parse_args()
    times = options.times or (5 if options.pgcrash else 20)

    database = work.database("postgres")
    sink, mails = work.sink(keep=True)
    port = free_port()
    environment = work.settings(
        database,
        port,
        EMAIL__TRANSPORT="smtp",
        EMAIL__SMTP_URL=f"smtp://127.0.0.1:{sink}?tls=none",
        EMAIL__FROM="news@sender.example",
        EMAIL__SEND_LEASE=5,
        WORKER__LEASE=5,
        WORKER__HEARTBEAT=1,
    )
    work.run(["migrate"], environment)
    api, _ = work.serve(["api"], environment, "api.log")
    client = Client(port)
    client.register()
    client.use_key()

    def start_worker():
        return work.spawn([BINARY, "worker"], "worker.log", env=environment)

    worker = start_worker()
    client.finish_import(client.start_import(leads_csv(options.recipients, "r")), options.recipients)
    campaign = client.post("/api/campaigns", CAMPAIGN)["id"]

    began = time.monotonic()
    client.post(f"/api/campaigns/{campaign}/launch", {})
    looker = Client(port)
    looker.bearer = client.bearer
    watch = Watch(looker, campaign)
    watch.start()

    # One blow in each equal part of the work, at a place in it that nobody chose, so that all come while it goes on.
    blows = []
    for number in range(times):
        place = int(options.recipients * 0.94 * (number + random.random()) / times)
        watch.wait(lambda: settled(watch.metrics) >= place)
        time.sleep(random.random() * 0.1)
        blows.append(settled(watch.metrics))
        if watch.status not in ("active", None):
            raise Failed(f"blow {number + 1} came too late: the campaign is {watch.status}")
        if options.pgcrash:
            subprocess.run([ROOT / "scripts/services", "crash"], check=True)
        else:
            worker.kill()
            worker.wait()
            worker = start_worker()
    watch.wait(lambda: watch.status == "completed")
    took = time.monotonic() - began
    # What a stalled attempt might still hand over would arrive now.
    time.sleep(3)
    watch.ended.set()
    watch.join()

    got = received(mails)
    states = recipients(client, campaign)
    counts = Counter(states.values())
    final = client.get(f"/api/campaigns/{campaign}/metrics")
    sent = {address for address, state in states.items() if state == "sent"}
    maybe = {address for address, state in states.items() if state in ("sent", "unknown")}
    checks = {
        "nobody got a mail twice": [address for address, count in got.items() if count > 1],
        "every recipient is sent, failed or unknown": [
            address for address, state in states.items() if state not in ("sent", "failed", "unknown")
        ],
        "the recipients are the audience": []
        if len(states) == options.recipients == final["audience"] == settled(final)
        else [f"{len(states)} recipients, metrics {final}"],
        "the numbers are those of the recipients": [
            f"{name}: {final[name]} counted, {counts[name]} there"
            for name in ("sent", "failed", "unknown")
            if final[name] != counts[name]
        ],
        "who is sent has a mail": sorted(sent - set(got)),
        "who has a mail is sent or unknown": sorted(set(got) - maybe),
        "the campaign was not completed early": watch.early,
        "the processes that were not killed still run": [
            name for name, process in (("api", api), ("worker", worker)) if process.poll() is not None
        ],
    }

    what = "PostgreSQL restarted as after a crash" if options.pgcrash else "worker killed with -9"
    print(f"\n{what}: {times} times, at {blows} of {options.recipients} settled")
    print(f"{took:.0f} s from launch to completion, looked at {watch.looks} times, {watch.outages} looks failed")
    print(f"mails at the server {sum(got.values())}, people who got one {len(got)}")
    print("recipients: " + ", ".join(f"{state} {count}" for state, count in sorted(counts.items())))
    for check, violations in checks.items():
        print(f"  {'ok  ' if not violations else 'FAIL'}  {check}" + (f": {len(violations)}, for example {violations[0]}" if violations else ""))
    return 1 if any(checks.values()) else 0




main(drill)
