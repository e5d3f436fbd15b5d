"""Four worker processes on one PostgreSQL are all schedulers. Every few seconds one of them is killed with -9 and started anew,
and one is frozen (SIGSTOP) for three leases again and again. What must hold:

- each moment of each schedule has one run, neither none nor two, and each run succeeded;
- a worker that wakes from being frozen ends nothing that somebody else took over: no job is left running;
- a single mail of one organization leaves at once, although thousands of another one were queued before it.

Usage (by scripts/drill-schedulers): drill_schedulers.py [--minutes N] [--schedules N] [--mails N]
"""

import argparse
import random
import signal
import time
from datetime import datetime, timedelta, timezone

from harness import BINARY, Client, Failed, free_port, main, stop

WORKERS = 4
LEASE = 4
# Seconds between two kills.
PAUSE = 7
# Seconds in which a single mail must have left.
SOON = 15
KEY = ["jobs:read", "jobs:manage", "leads:read", "leads:write", "email:read", "email:send"]


def worker(work, environment):
    return work.spawn([BINARY, "worker"], "worker.log", env=environment)


def signed_in(port):
    client = Client(port)
    client.register()
    client.bearer = client.post("/api/auth/api-keys", {"name": "drill", "scopes": KEY})["api_key"]
    return client


def disturb(work, workers, environment, until):
    """Kills and freezes until the time is over; the number of both."""
    kills = freezes = 0
    frozen, thaw, next_kill = None, 0, time.monotonic() + PAUSE
    while time.monotonic() < until:
        now = time.monotonic()
        if frozen is None:
            frozen = random.choice(workers)
            frozen.send_signal(signal.SIGSTOP)
            freezes, thaw = freezes + 1, now + 3 * LEASE
        elif now >= thaw:
            frozen.send_signal(signal.SIGCONT)
            frozen = None
            time.sleep(2)
            continue
        if now >= next_kill:
            place = random.choice([n for n, process in enumerate(workers) if process is not frozen])
            workers[place].kill()
            workers[place].wait()
            workers[place] = worker(work, environment)
            kills, next_kill = kills + 1, now + PAUSE
        time.sleep(0.2)
    if frozen is not None:
        frozen.send_signal(signal.SIGCONT)
    return kills, freezes


def queue_mails(port, many):
    """Queues many mails of one organization and then one of another, while no worker runs."""
    busy, patient = signed_in(port), signed_in(port)
    mail = {"subject": "Hello", "body": "<p>Hello</p>"}
    for number in range(many):
        busy.post("/api/email/send", {**mail, "to": f"many{number}@example.org"})
    single = patient.post("/api/email/send", {**mail, "to": "single@example.org"})["email_id"]
    return busy, patient, single


def wait_for_single(busy, patient, single):
    """Seconds until it has left, and how many of the others waited still."""
    started = time.monotonic()
    while patient.get(f"/api/email/messages/{single}")["status"] != "sent":
        if time.monotonic() - started > SOON:
            raise Failed(f"a single mail did not leave within {SOON} s, because those of another organization waited")
        time.sleep(0.02)
    took = time.monotonic() - started
    left = busy.ask("GET", "/api/jobs?kind=email.deliver&status=queued&limit=1&with_total=true")["total"]
    return took, left


def expected(start, until):
    moment, all_of_them = start, []
    while moment <= until:
        all_of_them.append(moment.strftime("%Y-%m-%d %H:%M:%S"))
        moment += timedelta(seconds=60)
    return all_of_them


def check(database, schedules, until):
    """What is wrong, in sentences."""
    wrong = []
    for schedule, start in schedules.items():
        moments = database.sql(
            f"SELECT to_char(scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM jobs WHERE schedule_id = '{schedule}' "
            f"AND kind = 'schedules.run' AND scheduled_for <= '{until.isoformat()}' ORDER BY 1"
        ).split()
        pairs = [" ".join(pair) for pair in zip(moments[::2], moments[1::2])]
        if pairs != expected(start, until):
            wrong.append(f"schedule {schedule}: {pairs} instead of {expected(start, until)}")
    ends = database.sql("SELECT status, count(*) FROM jobs WHERE kind = 'schedules.run' GROUP BY status")
    if [line.split("|")[0] for line in ends.split("\n")] != ["succeeded"]:
        wrong.append(f"not every run succeeded: {ends}")
    running = database.sql("SELECT count(*) FROM jobs WHERE status = 'running'")
    if running != "0":
        wrong.append(f"{running} jobs are left running")
    return wrong


def drill(work):
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=4)
    parser.add_argument("--schedules", type=int, default=20)
    parser.add_argument("--mails", type=int, default=2000)
    arguments = parser.parse_args()
    database, port = work.database("postgres"), free_port()
    environment = work.settings(
        database, port, WORKER__LEASE=LEASE, WORKER__HEARTBEAT=1, DATABASE__MAX_CONNECTIONS=8, DNS__ENABLED="false"
    )
    work.run(["migrate"], environment)
    work.serve(["api"], environment)
    mails = queue_mails(port, arguments.mails)
    workers = [worker(work, environment) for _ in range(WORKERS)]
    took, left = wait_for_single(*mails)
    client = signed_in(port)
    began = datetime.now(timezone.utc).replace(microsecond=0)
    schedules = {}
    for number in range(arguments.schedules):
        start = began + timedelta(seconds=20 + number % 30)
        new = {
            "name": f"Schedule {number}",
            "action": {"type": "scan_duplicates"},
            "trigger": {"type": "interval", "seconds": 60, "start": start.isoformat()},
            "max_instances": 100,
            "misfire_grace": 3600,
        }
        schedules[client.post("/api/schedules", new)["id"]] = start
    print(f"a single mail left after {took:.2f} s; {left} of {arguments.mails} of another organization still waited")
    kills, freezes = disturb(work, workers, environment, time.monotonic() + 60 * arguments.minutes)
    until = datetime.now(timezone.utc)
    print(f"{kills} kill -9, {freezes} times frozen for {3 * LEASE} s; waiting until everything is done")
    deadline = time.monotonic() + 120
    while database.sql("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running') AND run_at <= now()") != "0":
        if time.monotonic() > deadline:
            break
        time.sleep(1)
    for process in workers:
        stop(process)
    wrong = check(database, schedules, until - timedelta(seconds=5))
    for sentence in wrong:
        print(sentence)
    runs = database.sql("SELECT count(*) FROM jobs WHERE kind = 'schedules.run'")
    print(f"{runs} runs of {len(schedules)} schedules: " + ("wrong" if wrong else "each moment once"))
    return 1 if wrong else 0


if __name__ == "__main__":
    main(drill)
