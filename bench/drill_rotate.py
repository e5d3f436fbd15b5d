"""Rotates master key and data keys of 100,000 secrets while the rotation is killed with -9 five times, beside a server with
both master keys, and checks what must hold:

- every look at all secrets (`keys verify`, which opens each of them) during the rotation finds every one of them readable;
- every list and every put over HTTP succeeds meanwhile;
- afterwards all of them can be read with the new master key alone, and nothing waits for a rotation;
- the old master key alone is refused.

Usage (by scripts/drill-rotate): drill_rotate.py [--database sqlite|postgres] [--secrets N] [--times N]
"""

import argparse
import json
import os
import random
import re
import secrets
import subprocess
import threading
import time

from harness import BINARY, Client, Failed, free_port, main, stop

ORGANIZATIONS = 20


class Loop(threading.Thread):
    """Does something all the time, and counts how often it went wrong."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step = step
        self.count = 0
        self.failures = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            try:
                self.step()
            except Exception as error:  # Whatever it is, it is a failure of the drill.
                self.failures.append(str(error))
            self.count += 1

    def end(self):
        self.ended.set()
        self.join()


def command(arguments, environment):
    return subprocess.run([BINARY, *arguments], env=environment, capture_output=True, text=True)


def readable(done):
    found = re.search(r"([\d,]+) secrets can be read", done.stdout)
    if done.returncode != 0 or not found:
        raise Failed(f"keys verify: {done.stdout[-500:]}{done.stderr[-500:]}")
    return int(found.group(1).replace(",", ""))


def fill(port, count):
    """Puts `count` secrets in several organizations at once; a client of each."""
    clients = [Client(port) for _ in range(ORGANIZATIONS)]
    for client in clients:
        client.register()
        scopes = ["secrets:manage", "leads:read"]
        client.bearer = client.post("/api/auth/api-keys", {"name": "drill", "scopes": scopes})["api_key"]
    failures = []

    def of(numbers):
        try:
            for number in numbers:
                client = clients[number % ORGANIZATIONS]
                # On a connection that stays open: a put can be repeated, and most of the drill's time goes by here.
                body = json.dumps({"value": f"sk-{secrets.token_hex(16)}"})
                headers = {"Content-Type": "application/json", "Authorization": f"Bearer {client.bearer}"}
                status, answer = client.once("PUT", f"/api/user/secrets/s{number}", body, headers)
                if status != 200:
                    raise Failed(f"put s{number} -> {status}: {answer}")
        except Exception as error:
            failures.append(str(error))

    threads = [
        threading.Thread(target=of, args=([n for n in range(count) if n % ORGANIZATIONS % 4 == part],)) for part in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failed(failures[0])
    return clients


def follow(process, reached):
    """Reads the progress until `reached`, or to its end: how many were done last."""
    done = None
    for line in process.stderr:
        found = re.match(r"([\d,]+) of ([\d,]+) secrets encrypted", line)
        if found:
            done = int(found.group(1).replace(",", ""))
            if reached is not None and done >= reached:
                break
    return done


def drill_on(work, kind, options):
    database = work.database(kind)
    port = free_port()
    old = work.settings(database, port)
    work.run(["migrate"], old)
    server, _ = work.serve(["serve"], old, f"{kind}-filling.log")
    began = time.monotonic()
    clients = fill(port, options.secrets)
    filled = time.monotonic() - began
    stop(server)

    new_key = secrets.token_hex(32)
    both = work.settings(database, port, SECURITY__OLD_MASTER_KEYS=f'["{new_key}"]')
    server, _ = work.serve(["serve"], both, f"{kind}-server.log")
    new = work.settings(database, port, SECURITY__MASTER_KEY=new_key, SECURITY__OLD_MASTER_KEYS=f'["{work.key}"]')

    opened = []

    def verify():
        opened.append(readable(command(["keys", "verify"], both)))

    number = iter(range(1_000_000_000))

    def put():
        index = next(number)
        client = clients[index % ORGANIZATIONS]
        # Replaces one of the first thousand, so that their number stays.
        service = f"s{index % min(1000, options.secrets) // ORGANIZATIONS * ORGANIZATIONS + index % ORGANIZATIONS}"
        client.ask("PUT", f"/api/user/secrets/{service}", {"value": f"sk-{secrets.token_hex(16)}"})
        client.ask("GET", "/api/user/secrets?limit=20")
        time.sleep(0.01)

    loops = {"looks at all secrets": Loop(verify), "puts and lists": Loop(put)}
    for loop in loops.values():
        loop.start()
    began = time.monotonic()
    blows = []
    for blow in range(options.times):
        process = subprocess.Popen([BINARY, "keys", "rotate"], env=new, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        work.processes.append(process)
        place = int(options.secrets * 0.9 * (blow + random.random()) / options.times)
        done = follow(process, place)
        if process.poll() is not None:
            raise Failed(f"blow {blow + 1} came too late: the rotation is over")
        process.kill()
        process.wait()
        blows.append(done)
    last = command(["keys", "rotate"], new)
    took = time.monotonic() - began
    for loop in loops.values():
        loop.end()
    server_lives = server.poll() is None
    stop(server)

    alone = work.settings(database, port, SECURITY__MASTER_KEY=new_key)
    status = command(["keys", "status"], alone)
    refused = command(["keys", "status"], old)
    checks = {
        "the last run ends well": [] if last.returncode == 0 else [last.stdout + last.stderr],
        "every look found every secret": [*loops["looks at all secrets"].failures, *(n for n in opened if n != options.secrets)],
        "every put and list succeeded": loops["puts and lists"].failures,
        "all can be read with the new key alone": [] if readable(command(["keys", "verify"], alone)) == options.secrets else ["some are missing"],
        "nothing waits": [] if "no rotation is under way" in status.stdout and "old" not in status.stdout else [status.stdout],
        "one data key per organization is left": [] if f"{ORGANIZATIONS} data keys" in status.stdout else [status.stdout],
        "the old key alone is refused": [] if refused.returncode == 1 and "wrong one" in refused.stderr else [refused.stderr],
        "the server still runs": [] if server_lives else ["it ended"],
    }
    print(f"\n{database.kind}: {options.secrets:,} secrets (filled in {filled:.0f} s), rotation killed with -9 {options.times} times, at {blows}")
    print(f"{took:.0f} s; " + ", ".join(f"{loop.count:,} {name}" for name, loop in loops.items()))
    print(last.stdout.strip())
    for check, violations in checks.items():
        print(f"  {'ok  ' if not violations else 'FAIL'}  {check}" + (f": {len(violations)}, for example {violations[0]}" if violations else ""))
    return any(checks.values())


def drill(work):
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=["sqlite", "postgres"])
    options.add_argument("--secrets", type=int, default=int(os.environ.get("GROUNDSWELL_DRILL_SECRETS", "100000")))
    options.add_argument("--times", type=int, default=5)
    options = options.parse_args()
    kinds = [options.database] if options.database else ["sqlite", "postgres"]
    failed = [kind for kind in kinds if drill_on(work, kind, options)]
    return 1 if failed else 0


main(drill)
