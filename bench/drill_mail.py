"""Sends 10,000 mails to a real SMTP server through two workers while something goes wrong, and checks what must hold afterwards:

- nobody got a mail twice;
- every recipient is sent, failed, suppressed or unknown, and together they are the audience;
- who is "sent" has a mail, and who has a mail is "sent" or "unknown";
- the campaign was never seen completed while somebody was not settled;
- and what the drill itself promises (see each class).

Usage (by scripts/drill-mail): drill_mail.py NAME [--recipients N] [--times N]
"""

import argparse
import http.client
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from harness import BINARY, CAMPAIGN, ROOT, Client, Failed, free_port, leads_csv, main, python_with, wait_port

# Progress stops for a lease, or for the back-off of a job, after each blow; longer than this it has stopped for good.
STUCK = 180
# Seconds that a claim is good in these drills.
LEASE = 5


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


# --- what goes wrong --------------------------------------------------------------------------------------------------


class Drill:
    """Blows at places that nobody chose, one in each equal part of the work, so that all come while it goes on."""

    what = ""
    times = 0
    # Shares of the recipients, or of the mails, that a server with bad times is bad to; None: the server is good.
    trouble = None
    ends = ("sent", "failed", "unknown")

    def __init__(self, run, times):
        self.run = run
        self.times = times or self.times

    def prepare(self):
        """Before the campaign starts."""

    def go(self, watch):
        recipients, blows = self.run.recipients, []
        for number in range(self.times):
            place = int(recipients * 0.94 * (number + random.random()) / self.times)
            watch.wait(lambda: settled(watch.metrics) >= place)
            time.sleep(random.random() * 0.1)
            blows.append(settled(watch.metrics))
            if watch.status not in ("active", None):
                raise Failed(f"blow {number + 1} came too late: the campaign is {watch.status}")
            self.blow(number)
        print(f"{self.what}: {self.times} times, at {blows} of {recipients} settled")

    def blow(self, number):
        raise NotImplementedError

    def promises(self, got, states):
        """Further checks: what is promised, and what broke it."""
        return {}


class Kill9(Drill):
    what = "a worker killed with -9"
    times = 20

    def blow(self, number):
        place = number % len(self.run.workers)
        self.run.workers[place].kill()
        self.run.workers[place].wait()
        self.run.workers[place] = self.run.start_worker()


class PgCrash(Drill):
    what = "PostgreSQL restarted as after a crash"
    times = 10

    def blow(self, number):
        subprocess.run([ROOT / "scripts/services", "crash"], check=True, stdout=subprocess.DEVNULL)


class Frozen(Drill):
    """Its jobs and mails are taken over meanwhile, and when it goes on it must not do them again."""

    what = "a worker stopped for three leases"
    times = 3

    def blow(self, number):
        worker = self.run.workers[number % len(self.run.workers)]
        worker.send_signal(signal.SIGSTOP)
        time.sleep(3 * LEASE)
        worker.send_signal(signal.SIGCONT)


class Deferred(Drill):
    """The server says later, and means it: nothing is lost, and nobody is given up."""

    trouble = ["--defer", "0.6"]
    ends = ("sent",)

    def go(self, watch):
        watch.wait(lambda: settled(watch.metrics) >= self.run.recipients // 20)
        self.run.in_trouble(True)
        time.sleep(20)
        self.run.in_trouble(False)
        print(f"six of ten were answered with 454 for 20 seconds, from {self.run.recipients // 20} settled on")

    def promises(self, got, states):
        return {"everybody got the mail": sorted(set(states) - set(got))}


class Resets(Drill):
    """Nobody can know whether such a mail was taken, so it is unknown, and not sent again."""

    trouble = ["--reset", "0.05"]

    def go(self, watch):
        self.run.in_trouble(True)
        watch.wait(lambda: settled(watch.metrics) >= self.run.recipients * 0.9)
        self.run.in_trouble(False)
        print("the server took one of twenty mails without saying so")

    def promises(self, got, states):
        unknown = [address for address, state in states.items() if state == "unknown"]
        return {
            "there are unknown ones": [] if unknown else ["none"],
            "nobody was given up": [address for address, state in states.items() if state == "failed"],
        }


class Pauses(Drill):
    """Within a second after the answer nothing leaves any more."""

    what = "paused and resumed"
    times = 50
    ends = ("sent",)

    def prepare(self):
        self.late, self.slowest = [], 0

    def blow(self, number):
        path = f"/api/campaigns/{self.run.campaign}"
        began = time.monotonic()
        self.run.client.post(f"{path}/pause", {})
        self.slowest = max(self.slowest, time.monotonic() - began)
        time.sleep(1)
        before = self.run.count_mails()
        time.sleep(0.3)
        after = self.run.count_mails()
        if after != before:
            self.late.append(f"pause {number + 1}: {after - before} mails left later than a second after it")
        self.run.client.post(f"{path}/resume", {})

    def promises(self, got, states):
        print(f"the slowest pause was answered in {self.slowest * 1000:.0f} ms")
        return {"a pause works within a second": self.late}


class Unsubscribes(Drill):
    """People unsubscribe by the links of an earlier mail while the next one goes out: from then on they get none."""

    what = "unsubscribed"
    times = 1000
    ends = ("sent", "suppressed")

    def prepare(self):
        # Only these get the first mail.
        first = self.run.client.post("/api/campaigns", {**CAMPAIGN, "name": "First", "target_audience": {"tags_any": ["first"]}})["id"]
        self.run.client.finish_import(self.run.client.start_import(leads_csv(self.times, "f"), tags="first"), self.times)
        self.run.client.post(f"/api/campaigns/{first}/launch", {})
        while self.run.client.get(f"/api/campaigns/{first}")["status"] != "completed":
            time.sleep(0.2)
        self.links = self.run.unsubscribe_links()
        if len(self.links) != self.times:
            raise Failed(f"{len(self.links)} of {self.times} mails have a link to unsubscribe")
        self.run.forget_mails()
        self.run.recipients += self.times
        self.gone = {}

    def go(self, watch):
        watch.wait(lambda: settled(watch.metrics) >= self.run.recipients // 10)
        for address, path in self.links.items():
            status = self.run.one_click(path)
            if status != 200:
                raise Failed(f"POST {path} -> {status}")
            self.gone[address] = time.time()
        if watch.status != "active":
            raise Failed("the campaign ended before everybody had unsubscribed")
        print(f"{self.times} people unsubscribed while {settled(watch.metrics)} of {self.run.recipients} were settled")

    def promises(self, got, states):
        times = self.run.arrivals()
        late = [f"{address}: {times[address] - at:.1f} s after" for address, at in self.gone.items() if times.get(address, 0) > at + 1]
        suppressed = [address for address in self.gone if states.get(address) == "suppressed"]
        print(f"{len(suppressed)} of them were left out, the others had their mail already")
        return {
            "nobody gets a mail later than a second after unsubscribing": late,
            "only they are left out": [a for a, state in states.items() if state == "suppressed" and a not in self.gone],
            "some were left out": [] if suppressed else ["nobody"],
        }


class Restored(Drill):
    """The database is lost, and comes back as it was when half of the mails that have left by then had not. Nothing leaves until
    somebody says what becomes of them; here they become unknown."""

    def prepare(self):
        self.early = []

    def go(self, watch):
        run = self.run
        watch.wait(lambda: settled(watch.metrics) >= run.recipients * 0.3)
        backup = run.work.folder / "backup"
        run.database.dump(backup)
        saved = settled(watch.metrics)
        watch.wait(lambda: settled(watch.metrics) >= max(run.recipients * 0.6, saved + run.recipients * 0.1))
        for process in (*run.workers, run.api):
            process.kill()
            process.wait()
        lost = settled(watch.metrics)
        run.database.restore(backup)
        before = run.count_mails()
        run.api, _ = run.work.serve(["api"], run.environment, "api.log")
        run.workers = [run.start_worker(), run.start_worker()]
        time.sleep(4 * LEASE)
        if (after := run.count_mails()) != before:
            self.early.append(f"{after - before} mails left before anybody had decided")
        run.work.run(["sending", "resume", "--queued", "unknown"], run.environment)
        print(f"a backup of about {saved} of {run.recipients} settled, restored when {lost} were")

    def promises(self, got, states):
        return {
            "nothing leaves before somebody decides": self.early,
            "who is not unknown is sent": [a for a, state in states.items() if state not in ("sent", "unknown")],
        }


DRILLS = {drill.__name__.lower(): drill for drill in (Kill9, PgCrash, Frozen, Deferred, Resets, Pauses, Unsubscribes, Restored)}


# --- the run ----------------------------------------------------------------------------------------------------------


class Run:
    """A server, two workers, a mail server, and somebody who is signed in."""

    def __init__(self, work, recipients, trouble):
        self.work, self.recipients = work, recipients
        self.trouble = trouble
        if trouble:
            sink, self.mails = self.bad_server(trouble)
        else:
            sink, self.mails = work.sink(keep=True)
        self.port = free_port()
        self.database = work.database("postgres")
        self.environment = work.settings(
            self.database,
            self.port,
            EMAIL__TRANSPORT="smtp",
            EMAIL__SMTP_URL=f"smtp://127.0.0.1:{sink}?tls=none",
            EMAIL__FROM="news@sender.example",
            EMAIL__SEND_LEASE=LEASE,
            WORKER__LEASE=LEASE,
            WORKER__HEARTBEAT=1,
            DNS__ENABLED="false",
        )
        work.run(["migrate"], self.environment)
        self.api, _ = work.serve(["api"], self.environment, "api.log")
        self.client = Client(self.port)
        self.client.register()
        self.client.use_key()
        self.workers = [self.start_worker(), self.start_worker()]

    def start_worker(self):
        return self.work.spawn([BINARY, "worker"], "worker.log", env=self.environment)

    def bad_server(self, options):
        port, folder = free_port(), self.work.folder / "mails"
        folder.mkdir()
        here = Path(__file__).resolve().parent / "mail_server"
        command = [python_with("mail-server", here / "requirements.txt"), here / "mail_server.py", str(port), folder, *options]
        process = self.work.spawn(command, "sink.log")
        wait_port(process, port, lambda: self.work.log("sink.log"))
        return port, folder

    def in_trouble(self, begins):
        mark = self.mails / "trouble"
        mark.touch() if begins else mark.unlink()

    def received(self):
        if self.trouble:
            return Counter(line.split()[0] for line in (self.mails / "taken").read_text().splitlines())
        return received(self.mails)

    def count_mails(self):
        return sum(1 for _ in self.mails.iterdir())

    def forget_mails(self):
        for path in self.mails.iterdir():
            path.unlink()

    def arrivals(self):
        """When each address got its mail."""
        times = {}
        for path in self.mails.iterdir():
            found = re.search(rb"^X-Rcpt-Args: <([^>]+)>", path.read_bytes(), re.M)
            if found:
                times[found.group(1).decode().lower()] = path.stat().st_mtime
        return times

    def unsubscribe_links(self):
        links = {}
        for path in self.mails.iterdir():
            mail = path.read_bytes()
            address = re.search(rb"^X-Rcpt-Args: <([^>]+)>", mail, re.M)
            link = re.search(rb"^List-Unsubscribe:\s+<https?://[^/]+(/u/[^>]+)>", mail, re.M | re.I)
            if address and link:
                links[address.group(1).decode().lower()] = re.sub(rb"\s", b"", link.group(1)).decode()
        return links

    def one_click(self, path):
        """As mail programs do it (RFC 8058)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, "List-Unsubscribe=One-Click", headers)
            return connection.getresponse().status
        finally:
            connection.close()


def drill(work):
    options = argparse.ArgumentParser()
    options.add_argument("name", choices=DRILLS)
    options.add_argument("--recipients", type=int, default=10_000)
    options.add_argument("--times", type=int)
    options = options.parse_args()
    kind = DRILLS[options.name]

    run = Run(work, options.recipients, kind.trouble)
    client = run.client
    blows = kind(run, options.times)
    blows.prepare()
    client.finish_import(client.start_import(leads_csv(options.recipients, "r")), options.recipients)
    run.campaign = client.post("/api/campaigns", CAMPAIGN)["id"]

    began = time.monotonic()
    client.post(f"/api/campaigns/{run.campaign}/launch", {})
    looker = Client(run.port)
    looker.bearer = client.bearer
    watch = Watch(looker, run.campaign)
    watch.start()
    blows.go(watch)
    watch.wait(lambda: watch.status == "completed")
    took = time.monotonic() - began
    # What a stalled attempt might still hand over would arrive now.
    time.sleep(3)
    watch.ended.set()
    watch.join()

    got = run.received()
    states = recipients(client, run.campaign)
    counts = Counter(states.values())
    final = client.get(f"/api/campaigns/{run.campaign}/metrics")
    sent = {address for address, state in states.items() if state == "sent"}
    maybe = {address for address, state in states.items() if state in ("sent", "unknown")}
    checks = {
        "nobody got a mail twice": [address for address, count in got.items() if count > 1],
        f"every recipient is {', '.join(kind.ends)}": [address for address, state in states.items() if state not in kind.ends],
        "the recipients are the audience": []
        if len(states) == run.recipients == final["audience"] == settled(final)
        else [f"{len(states)} recipients, metrics {final}"],
        "the numbers are those of the recipients": [
            f"{name}: {final[name]} counted, {counts[name]} there"
            for name in ("sent", "failed", "suppressed", "unknown")
            if final[name] != counts[name]
        ],
        "who is sent has a mail": sorted(sent - set(got)),
        "who has a mail is sent or unknown": sorted(set(got) - maybe),
        "the campaign was not completed early": watch.early,
        "the processes that were not killed still run": [
            f"process {process.pid}" for process in (run.api, *run.workers) if process.poll() is not None
        ],
        **blows.promises(got, states),
    }

    print(f"{took:.0f} s from launch to completion, looked at {watch.looks} times, {watch.outages} looks failed")
    print(f"mails at the server {sum(got.values())}, people who got one {len(got)}")
    print("recipients: " + ", ".join(f"{state} {count}" for state, count in sorted(counts.items())))
    for check, violations in checks.items():
        print(f"  {'ok  ' if not violations else 'FAIL'}  {check}" + (f": {len(violations)}, for example {violations[0]}" if violations else ""))
    return 1 if any(checks.values()) else 0


if __name__ == "__main__":
    main(drill)
