"""What the benchmark and the drills share: processes, HTTP, databases, a mail sink.

Only the standard library, so that nothing has to be installed. Settings reach the product the way a user's do, through
its environment; nothing here knows its inside except the few SQL statements that are marked as such.
"""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = os.environ.get("GROUNDSWELL_BENCH_BINARY", str(TARGET / "release/groundswell"))
PG_URL = os.environ["GROUNDSWELL_TEST_PG_URL"]
PG_BIN = Path(os.environ["GROUNDSWELL_TEST_PG_BIN"])
SMTP_SINK = os.environ["GROUNDSWELL_TEST_SMTP_SINK"]


class Failed(Exception):
    """Ends the run with one sentence."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# --- databases --------------------------------------------------------------------------------------------------------


# Of docs/operations.md, "Row-level security".
EVERYTHING = "?options=-c%20groundswell.organization%3Dffffffff-ffff-ffff-ffff-ffffffffffff"


def psql(url, sql):
    """Runs SQL; the rows as text, columns separated by `|`."""
    command = [PG_BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url, "-c", sql]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Postgres:
    """A new database on the test server; gone at the end."""

    kind = "PostgreSQL"

    def __init__(self):
        self.name = f"bench_{os.getpid()}_{secrets.token_hex(3)}"
        self.url = PG_URL.rsplit("/", 1)[0] + f"/{self.name}"
        psql(PG_URL, f"CREATE DATABASE {self.name}")

    def sql(self, text):
        # Whoever does not say whose rows it wants sees none.
        return psql(self.url + EVERYTHING, text)

    def dump(self, file):
        """A backup, as docs/operations.md says."""
        everything = {**os.environ, "PGOPTIONS": "-c groundswell.organization=ffffffff-ffff-ffff-ffff-ffffffffffff"}
        subprocess.run([PG_BIN / "pg_dump", "--enable-row-security", "-Fc", "-f", file, self.url], check=True, env=everything)

    def restore(self, file):
        """The database as it was, in place of the one that is there."""
        self.remove()
        psql(PG_URL, f"CREATE DATABASE {self.name}")
        subprocess.run([PG_BIN / "pg_restore", "--no-owner", "-d", self.url, file], check=True)

    def remove(self):
        drop = f"DROP DATABASE IF EXISTS {self.name}"
        try:
            psql(PG_URL, f"{drop} WITH (FORCE)")
        except subprocess.CalledProcessError:
            # Autovacuum is at work there, which only a superuser ends by force. Without it the server does that itself.
            psql(PG_URL, drop)


class Sqlite:
    """A file in the folder of the run."""

    kind = "SQLite"

    def __init__(self, folder):
        self.path = Path(folder) / f"{secrets.token_hex(3)}.db"
        self.url = f"sqlite://{self.path}"

    def sql(self, text):
        import sqlite3

        connection = sqlite3.connect(self.path, isolation_level=None)
        # Only to fill tables while no server runs: what is lost in a power cut is made anew.
        connection.execute("PRAGMA synchronous = OFF")
        rows = connection.execute(text).fetchall()
        connection.close()
        return "\n".join("|".join(map(str, row)) for row in rows)

    def remove(self):
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()


# --- processes --------------------------------------------------------------------------------------------------------


class Workplace:
    """A folder for a run, and everything it started. Ends only what it started."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="groundswell-bench-"))
        self.folder.chmod(0o755)  # smtp-sink writes as another user
        self.processes = []
        self.databases = []
        self.key = secrets.token_hex(32)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        for database in self.databases:
            database.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, kind):
        database = Postgres() if kind == "postgres" else Sqlite(self.folder)
        self.databases.append(database)
        return database

    def spawn(self, command, log, **options):
        with open(self.folder / log, "ab") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **options)
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.folder / name).read_text(errors="replace")

    def settings(self, database, port, **more):
        """The environment of a `groundswell` process; `more` are settings like EMAIL__TRANSPORT."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}
        own = {
            "SERVER__PORT": port,
            "DATA__DIR": self.folder / "data",
            "DATABASE__URL": database.url,
            "DATABASE__MAX_CONNECTIONS": 16,
            "SECURITY__MASTER_KEY": self.key,
            "LIMITS__ENABLED": "false",
            "AUTH__CONFIRM_ADDRESSES": "false",
            "LOG__LEVEL": "warn",
            **more,
        }
        return kept | {f"GROUNDSWELL__{name}": str(value) for name, value in own.items()}

    def run(self, arguments, environment):
        done = subprocess.run([BINARY, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failed(f"groundswell {' '.join(arguments)} failed: {done.stdout.strip()}")

    def serve(self, arguments, environment, log="server.log"):
        """Starts a server and waits until it is ready: the process, and the seconds that took."""
        port = int(environment["GROUNDSWELL__SERVER__PORT"])
        started = time.monotonic()
        process = self.spawn([BINARY, *arguments], log, env=environment)
        wait_ready(process, port, "/readyz", lambda: self.log(log))
        return process, time.monotonic() - started

    def sink(self, keep=False):
        """A mail server: its port, and the folder with one file per mail if they are kept."""
        port = free_port()
        folder = self.folder / f"mails-{port}"
        folder.mkdir()
        folder.chmod(0o777)
        command = [SMTP_SINK] + (["-u", "postfix"] if os.geteuid() == 0 else [])
        command += (["-d", str(folder / "mail.")] if keep else []) + [f"127.0.0.1:{port}", "256"]
        process = self.spawn(command, "sink.log")
        wait_port(process, port, lambda: self.log("sink.log"))
        return port, folder


def python_with(name, requirements):
    """A Python with these packages: a virtual environment beside the build, made once."""
    folder = ROOT / "target/python" / name
    python, done = folder / "bin/python", folder / ".installed"
    wanted = requirements.read_text()
    if not done.exists() or done.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements], check=True)
        done.write_text(wanted)
    return str(python)


def wait_port(process, port, log):
    for _ in range(2000):
        if process.poll() is not None:
            raise Failed(f"a server ended at once: {log()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.005)
    raise Failed(f"nothing listens on port {port}")


def wait_ready(process, port, path, log):
    wait_port(process, port, log)
    for _ in range(2000):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise Failed(f"{path} on port {port} never answered 200: {log()[-2000:]}")


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def memory(process, field="VmRSS"):
    """MiB of a process now, or at most (VmHWM)."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise Failed(f"/proc has no {field}")


# --- HTTP -------------------------------------------------------------------------------------------------------------


class Client:
    """Somebody who is signed in."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.bearer = None
        self.who = {"email": f"{secrets.token_hex(4)}@bench.example", "password": secrets.token_hex(12)}

    def call(self, method, path, body=None, headers=None):
        """Status and body. A connection that broke is made anew for the next call."""
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        if method != "GET":
            # It may not be repeated, so it must not meet a connection that the server has just ended.
            self.connection.close()
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        try:
            return self.once(method, path, body, headers)
        except http.client.RemoteDisconnected:
            if method != "GET":
                raise
            # Servers end connections that lie idle.
            return self.once(method, path, body, headers)

    def once(self, method, path, body, headers):
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def ask(self, method, path, body=None, headers=None):
        """The answer to a call that must succeed."""
        status, answer = self.call(method, path, body, headers)
        if not 200 <= status < 300:
            raise Failed(f"{method} {path} -> {status}: {json.dumps(answer)[:500]}")
        return answer

    def get(self, path):
        return self.ask("GET", path)["data"]

    def post(self, path, body):
        return self.ask("POST", path, body)["data"]

    def register(self):
        data = self.post("/api/auth/register", {**self.who, "name": "Bench", "organization_name": "Bench Ltd"})
        self.bearer = data["access_token"]
        return data["organization"]["id"]

    def sign_in(self):
        """A new access token: they are good for five minutes."""
        self.bearer = None
        self.bearer = self.post("/api/auth/login", self.who)["access_token"]

    def use_key(self):
        """From now on an API key, which lasts longer than a drill."""
        scopes = ["leads:read", "leads:write", "campaigns:read", "campaigns:write", "campaigns:launch", "email:read"]
        self.bearer = self.post("/api/auth/api-keys", {"name": "bench", "scopes": scopes})["api_key"]

    def start_import(self, csv, tags=None):
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\nContent-Type: text/csv\r\n\r\n'
        body = head.encode() + csv.encode()
        if tags:
            body += f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="tags"\r\n\r\n{tags}'.encode()
        body += f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self.ask("POST", "/api/leads/import", body, {"Content-Type": kind})["data"]["import_id"]

    def finish_import(self, import_id, rows, pause=0.05):
        while True:
            state = self.get(f"/api/leads/imports/{import_id}")
            if state["status"] == "succeeded":
                break
            if state["status"] not in ("queued", "running"):
                raise Failed(f"the import ended as {state['status']}: {state}")
            time.sleep(pause)
        if state["created"] != rows:
            raise Failed(f"the import created {state['created']} of {rows} leads: {state}")


def leads_csv(rows, tag):
    lines = ["email,name,company,phone"]
    lines += [f"{tag}{n}@example.org,Lead Number {n},Company {n % 97},+49 30 {n:07d}" for n in range(rows)]
    return "\n".join(lines) + "\n"


CAMPAIGN = {
    "name": "Hello",
    "type": "email",
    "content": {
        "subject": "Hello {{ lead.first_name | default('there') }}",
        "html": "<p>Dear {{ lead.name | default('friend') }},</p><p>there is news: <a href=\"https://example.com/offer?a=1\">our offer</a>.</p>",
    },
}


def main(function):
    """Runs a program; a failure is a sentence and exit code 1."""
    # Ends the run in order, so that what it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.stdout.reconfigure(line_buffering=True)
    try:
        with Workplace() as work:
            try:
                sys.exit(function(work))
            except Failed:
                for log in sorted(work.folder.glob("*.log")):
                    sys.stderr.write(f"--- the end of {log.name}\n{log.read_text(errors='replace')[-1500:]}\n")
                raise
    except Failed as failed:
        sys.exit(f"failed: {failed}")
