"""Sends 50,000 requests of 200 organizations, mixed at random, to one server with two connections to PostgreSQL. Many are
wrong, a tenth is given up in the middle, and connections to the database are cut meanwhile. What must hold:

- no answer, not even the beginning of one, has a marker or an id of another organization;
- every answer has the status that it must have, comes soon, and is no 500; a 503 may come, and is counted apart;
- what is counted is what the organization has;
- afterwards no row points into another organization, or has a marker of another one;
- the database itself refuses rows that would, and to move a row to another organization.

Usage (by scripts/drill-tenants): drill_tenants.py [--requests N] [--organizations N] [--seed TEXT]
"""

import argparse
import http.client
import json
import os
import random
import re
import secrets
import socket
import struct
import subprocess
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import quote

from harness import CAMPAIGN, EVERYTHING, PG_BIN, Client, Failed, free_port, leads_csv, main

THREADS = 32
LEADS = 5
# The first organizations are asked more often than others, and have so many leads that an export comes in pieces.
BUSY, MANY = 5, 1200
# One in so many requests is given up.
GIVEN_UP = 10
# Seconds between two cuts of a connection to the database.
PAUSE = 0.5
# Seconds that no request may take. Two that hold a connection each and wait for another one do so until they are given up,
# after five, and all others with them.
LONG = 4

SCOPES = [
    "leads:read", "leads:write", "leads:export", "forms:read", "forms:write", "clients:read", "clients:write",
    "campaigns:read", "campaigns:write", "email:read", "email:send", "jobs:read", "audit:read", "users:manage", "secrets:manage",
]
FORM = {"name": "Form", "fields": [{"name": "email", "type": "email", "required": True}]}

MARKER = re.compile(rb"zq[0-9a-f]{10}qz")
UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Columns that name a row of another table, whether or not a foreign key says so.
POINTERS = {
    "lead_id": "leads", "client_id": "clients", "project_id": "projects", "campaign_id": "campaigns", "form_id": "forms",
    "message_id": "email_messages", "import_id": "lead_imports", "user_id": "users", "created_by": "users",
}
# What must be refused; other foreign keys are tried as well, as far as there are rows.
REFUSED = {
    f"{column}_fkey"
    for column in (
        "leads_client_id", "campaigns_client_id", "campaigns_project_id", "projects_client_id", "users_client_id",
        "api_keys_client_id", "api_keys_user_id", "sessions_user_id", "score_entries_lead_id", "submissions_form_id",
        "submissions_lead_id", "campaign_metrics_campaign_id", "email_contents_message_id", "secrets_client_id", "secrets_user_id",
    )
}


class Organization:
    def __init__(self, number):
        self.number = number
        self.marker = f"zq{number:04x}{secrets.token_hex(3)}qz"
        self.own = self.marker.encode()
        self.id = self.bearer = self.cursor = None
        self.ids = {}
        self.spare = []
        self.lock = threading.Lock()
        # Leads that were asked for and that came, that were to go and that went: without an answer, one can't know.
        self.asked = self.came = self.going = self.gone = 0

    def count(self, **leads):
        with self.lock:
            for name, number in leads.items():
                setattr(self, name, getattr(self, name) + number)

    def lead(self, name, **more):
        return {"email": f"{name}.{self.marker}@example.org", "name": f"{name} {self.marker}", "company": f"Company {self.marker}", **more}

    def set_up(self, port):
        """An API key, and a few of everything."""
        client = Client(port)
        client.who["email"] = f"owner.{self.marker}@example.org"
        client.who |= {"name": f"Owner {self.marker}", "organization_name": f"Organization {self.marker}"}
        data = client.post("/api/auth/register", client.who)
        self.id, client.bearer = data["organization"]["id"], data["access_token"]
        client.ask("GET", "/api/user/data-export")
        self.bearer = client.post("/api/auth/api-keys", {"name": self.marker, "scopes": SCOPES})["api_key"]
        client.bearer = self.bearer

        def make(kind, body):
            answer = client.post(f"/api/{kind}", body)
            self.ids.setdefault(kind, []).append(answer["id"])
            return answer["id"]

        self.client = make("clients", {"name": f"Client {self.marker}", "notes": self.marker})
        self.project = make("projects", {"name": f"Project {self.marker}", "client_id": self.client})
        for number in range(2):
            make("campaigns", self.campaign(f"first {number}"))
        for number in range(LEADS):
            make("leads", self.lead(f"first{number}", client_id=self.client if number % 2 else None))
        self.form = make("lead-capture/forms", FORM | {"name": f"Form {self.marker}"})
        client.post(f"/api/lead-capture/webhook/{self.form}", {"email": f"visitor.{self.marker}@example.org"})
        self.count(asked=LEADS + 1, came=LEADS + 1)
        client.post("/api/email/send", {"to": f"reader.{self.marker}@example.org", "subject": self.marker, "body": "Hello"})
        for holder in ({"client_id": self.client}, {}):
            client.ask("PUT", "/api/user/secrets/openai", {"value": f"sk-{self.marker}", **holder})
        client.start_import(leads_csv(1, self.marker))

    def invite(self, port):
        client = Client(port)
        client.bearer = self.bearer
        client.post("/api/users/invite", {"email": f"guest.{self.marker}@example.org", "name": self.marker, "role": "client", "client_id": self.client})

    def campaign(self, name, **more):
        content = {**CAMPAIGN["content"], "subject": self.marker}
        return {**CAMPAIGN, "name": f"{name} {self.marker}", "content": content, "client_id": self.client, "project_id": self.project, **more}


# --- requests ---------------------------------------------------------------------------------------------------------


class Ask(NamedTuple):
    """A request, and what may come of it."""

    method: str
    path: str
    body: object = None
    statuses: tuple = (200,)
    headers: dict = {}
    # Says what is wrong with an answer of 200 or 201, if something is.
    check: object = None
    # One lead more, or one less.
    leads: int = 0
    # Another one than the organization's.
    bearer: object = None

    def wire(self, bearer):
        """Headers and body as they are sent."""
        headers = {"Authorization": f"Bearer {bearer if self.bearer is None else self.bearer}"} | self.headers
        if self.body is None:
            return headers, b""
        if isinstance(self.body, bytes):
            return {"Content-Type": "application/json"} | headers, self.body
        return {"Content-Type": "application/json"} | headers, json.dumps(self.body).encode()


KINDS = ("leads", "campaigns", "clients", "projects")
SORTS = ("created_at", "-created_at", "updated_at", "-updated_at", "name", "-name")


def rows(body):
    return json.loads(body)["data"]


def own_rows(us, body):
    return None if rows(body) else "nothing in it"


def no_rows(us, body):
    return "rows for a foreign question" if rows(body) else None


def lists(us, them, dice):
    kind = dice.choice(KINDS)
    return Ask("GET", f"/api/{kind}?limit={dice.choice((1, 5, 20, 100))}&sort={dice.choice(SORTS)}", check=own_rows)


def same_list(us, them, dice):
    """The same address for everybody: equal lists are read once, but only those of one organization."""
    return Ask("GET", f"/api/{dice.choice(KINDS[:2])}?limit=20", check=own_rows)


def pages(us, them, dice):
    def keep(us, body):
        us.cursor = json.loads(body)["next_cursor"] or us.cursor
        return own_rows(us, body)

    cursor = dice.choice((us, them)).cursor
    if cursor is None or dice.random() < 0.3:
        return Ask("GET", "/api/leads?limit=2", check=keep)
    return Ask("GET", f"/api/leads?limit=2&cursor={quote(cursor)}", None, (200, 400))


def other_lists(us, them, dice):
    path = ("/api/lead-capture/forms", "/api/jobs", "/api/audit-log", "/api/email/messages", "/api/users", "/api/clients/health/clients",
            f"/api/lead-capture/forms/{us.form}/submissions", f"/api/clients/{us.client}/campaigns")
    return Ask("GET", f"{dice.choice(path)}?limit=50", check=own_rows)


def own_row(us, them, dice):
    kind = dice.choice(KINDS)
    wanted = dice.choice(us.ids[kind])
    return Ask("GET", f"/api/{kind}/{wanted}", check=lambda us, body: None if rows(body)["id"] == wanted else "another row")


def foreign_row(us, them, dice):
    kind = dice.choice((*KINDS, "lead-capture/forms"))
    path = f"/api/{kind}/{dice.choice(them.ids[kind])}"
    parts = {"leads": ["/score/entries"], "campaigns": ["/metrics", "/recipients"], "clients": ["/campaigns"], "lead-capture/forms": ["/submissions"]}
    return Ask("GET", path + dice.choice(["", *parts.get(kind, [])]), None, (404,))


def foreign_write(us, them, dice):
    kind = dice.choice(KINDS)
    path = f"/api/{kind}/{dice.choice(them.ids[kind])}"
    method = dice.choice(("PATCH", "PUT", "DELETE"))
    whole = us.lead("stolen") if kind == "leads" else us.campaign("stolen") if kind == "campaigns" else {"name": us.marker}
    return Ask(method, path, {"PATCH": {"name": us.marker}, "PUT": whole, "DELETE": None}[method], (404,))


def foreign_reference(us, them, dice):
    """Rows of others named in a body."""
    theirs = dice.choice(({"client_id": them.client}, {"client_id": None, "project_id": them.project}, {"project_id": them.project}))
    client = {"client_id": them.client}
    new = secrets.token_hex(6)
    return dice.choice((
        Ask("POST", "/api/leads", us.lead(new, **client), (400, 404)),
        Ask("PATCH", f"/api/leads/{dice.choice(us.ids['leads'])}", client, (400, 404)),
        Ask("POST", "/api/campaigns", us.campaign(new, **theirs), (400, 404)),
        Ask("PATCH", f"/api/campaigns/{dice.choice(us.ids['campaigns'])}", theirs, (400, 404)),
        Ask("POST", "/api/projects", {"name": us.marker, **client}, (400, 404)),
        Ask("PATCH", f"/api/projects/{us.project}", client, (400, 404)),
        Ask("POST", "/api/users/invite", {"email": f"{new}.{us.marker}@example.org", "name": us.marker, "role": "client", **client}, (400, 404)),
        Ask("POST", "/api/lead-capture/forms", FORM | {"name": us.marker, "campaign_id": them.ids["campaigns"][0]}, (400, 404)),
    ))


def foreign_filter(us, them, dice):
    path = dice.choice((f"leads?client_id={them.client}", f"campaigns?client_id={them.client}", f"campaigns?project_id={them.project}",
                        f"projects?client_id={them.client}", f"leads/search?q={them.marker}", f"leads?q={them.marker}",
                        f"leads?company={them.marker}", f"email/messages?lead_id={them.ids['leads'][0]}"))
    return Ask("GET", f"/api/{path}", None, (200, 400, 404), check=no_rows)


def search(us, them, dice):
    return Ask("GET", f"/api/leads/search?limit=20&q={dice.choice((us.marker, 'example', 'first'))}", check=own_rows)


def export(us, them, dice):
    def whole(us, body):
        return None if body.count(us.own) >= LEADS else "leads are missing"

    return Ask("GET", f"/api/leads/export?format={dice.choice(('csv', 'json'))}", check=whole)


def overview(us, them, dice):
    came, gone = us.came, us.gone

    def counted(total):
        def check(us, body):
            found = total(json.loads(body))
            # What came and went while it was counted may be in it or not.
            least, most = came - us.going, us.asked - gone
            return None if least <= found <= most else f"{found} leads, and not {least} to {most}"

        return check

    def some(us, body):
        return None if rows(body)["total"] >= 1 else "nothing counted"

    return dice.choice((
        Ask("GET", "/api/leads/analytics/overview", check=counted(lambda answer: answer["data"]["total_leads"])),
        Ask("GET", "/api/leads?limit=1&with_total=true", check=counted(lambda answer: answer["total"])),
        Ask("GET", "/api/campaigns/stats/summary", check=some),
        Ask("GET", "/api/clients/stats/overview", check=some),
        Ask("GET", f"/api/campaigns/{dice.choice(us.ids['campaigns'])}/metrics"),
        Ask("GET", f"/api/leads/{dice.choice(us.ids['leads'])}/score/entries"),
    ))


def create(us, them, dice):
    new = secrets.token_hex(6)
    client = dice.choice((us.client, None))
    what = dice.randrange(10)
    if what < 5:

        def keep(us, body):
            us.spare.append(rows(body)["id"])

        return Ask("POST", "/api/leads", us.lead(new, client_id=client, tags=[new]), (201,), check=keep, leads=1)
    if what < 7:
        # The same key in all organizations, and the first answer again for who asks twice.
        number = dice.randrange(20)
        return Ask("POST", "/api/leads", us.lead(f"once{number}"), (201,), {"Idempotency-Key": f"drill-{number}"}, leads=1)
    if what < 9:
        path, headers = f"/api/lead-capture/webhook/{us.form}", {"User-Agent": us.marker}
        return Ask("POST", path, {"email": f"{new}.{us.marker}@example.org"}, (201,), headers, leads=1, bearer="")
    return Ask("POST", "/api/campaigns", us.campaign(new), (201,))


def remove(us, them, dice):
    try:
        return Ask("DELETE", f"/api/leads/{us.spare.pop()}", None, (200,), leads=-1)
    except IndexError:
        return create(us, them, dice)


def update(us, them, dice):
    path = f"/api/leads/{dice.choice(us.ids['leads'])}"
    word = f"{secrets.token_hex(4)} {us.marker}"
    return dice.choice((
        Ask("PATCH", path, {"title": word}),
        Ask("PATCH", path, {"client_id": dice.choice((us.client, None)), "custom_fields": {"word": word}}),
        Ask("PUT", path, us.lead(f"put{path[-12:]}", title=word)),
        Ask("PATCH", f"/api/campaigns/{dice.choice(us.ids['campaigns'])}", {"description": word}),
        Ask("PATCH", f"/api/clients/{us.client}", {"notes": word}),
        Ask("PATCH", f"/api/projects/{us.project}", {"description": word, "client_id": us.client}),
    ))


def stale(us, them, dice):
    kind = dice.choice(KINDS)
    return Ask("PATCH", f"/api/{kind}/{dice.choice(us.ids[kind])}", {"name": us.marker}, (412,), {"If-Match": '"987654"'})


def wrong(us, them, dice):
    lead = f"/api/leads/{dice.choice(us.ids['leads'])}"
    return dice.choice((
        Ask("POST", "/api/leads", {"email": "nobody", "name": us.marker}, (400,)),
        Ask("POST", "/api/leads", us.lead("first0", organization_id=them.id), (400,)),
        Ask("POST", "/api/leads", b'{"email": "half', (400,)),
        Ask("POST", "/api/leads", us.lead("visitor"), (409,)),
        Ask("POST", "/api/leads", b"email=a", (415,), {"Content-Type": "text/plain"}),
        Ask("PATCH", lead, {"email": f"visitor.{us.marker}@example.org"}, (409,)),
        Ask("PATCH", lead, {"status": "rich"}, (400,)),
        Ask("POST", "/api/campaigns", us.campaign("x", type="smoke"), (400,)),
        Ask("POST", "/api/campaigns/bulk/create", {"campaigns": [us.campaign("x"), us.campaign("x", client_id=them.client)]}, (400, 404)),
        Ask("GET", f"/api/leads?organization_id={them.id}", None, (400,)),
        Ask("GET", "/api/leads?limit=1000000", None, (400,)),
        Ask("GET", "/api/leads?cursor=AAAA", None, (400,)),
        Ask("GET", "/api/leads/nonsense", None, (400, 404)),
        Ask("PUT", "/api/leads", us.lead("x"), (405,)),
        Ask("GET", "/api/leads", None, (401,), bearer=f"{them.bearer[:-6]}aaaaaa"),
        Ask("GET", f"/api/leads/{them.ids['leads'][0]}", None, (401,), bearer="nonsense"),
    ))


# What is asked for, and how often in comparison.
MIX = {
    "lists": (lists, 12), "equal lists": (same_list, 8), "pages": (pages, 5), "other lists": (other_lists, 6),
    "own rows": (own_row, 12), "searches": (search, 6), "exports": (export, 4), "overviews": (overview, 10),
    "creates": (create, 8), "deletes": (remove, 3), "updates": (update, 8), "stale If-Match": (stale, 3), "wrong": (wrong, 8),
    "foreign rows": (foreign_row, 10), "foreign writes": (foreign_write, 6), "foreign references": (foreign_reference, 6),
    "foreign filters": (foreign_filter, 5),
}


# --- asking -----------------------------------------------------------------------------------------------------------


class Tally:
    """What came of it all; shared by the threads."""

    def __init__(self, organizations):
        self.lock = threading.Lock()
        self.statuses = defaultdict(Counter)
        self.given_up = Counter()
        self.searched = 0
        self.foreign, self.unexpected, self.internal, self.contents, self.broken, self.slow = [], [], [], [], [], []
        # Whose every id is that an answer may have.
        self.owner = {}
        for us in organizations:
            for known in (us.id, us.form, *(id for ids in us.ids.values() for id in ids)):
                self.owner[known.encode()] = us

    def search(self, us, ask, text):
        """Looks for what is of another organization."""
        with self.lock:
            self.searched += len(text)
        for marker in set(MARKER.findall(text)):
            if marker != us.own:
                self.foreign.append(f"{us.marker} got {marker.decode()} for {ask.method} {ask.path}")
        sent = f"{ask.path} {ask.body}".encode()
        for found in set(UUID.findall(text)):
            if self.owner.get(found, us) is not us and found not in sent:
                self.foreign.append(f"{us.marker} got {found.decode()} of {self.owner[found].marker} for {ask.method} {ask.path}")

    def broken_off(self, us, ask, text):
        self.search(us, ask, text)
        with self.lock:
            self.statuses["exports"]["broken off"] += 1

    def answered(self, us, name, ask, status, headers, body, again, seconds):
        self.search(us, ask, str(headers).encode() + body)
        with self.lock:
            self.statuses[name][status] += 1
        told = f"{ask.method} {ask.path} {ask.body if ask.body is not None else ''} -> {status}: {body[:400].decode(errors='replace')}"
        if seconds > LONG:
            self.slow.append(f"{seconds:.1f} s: {told}")
        if status in (200, 201):
            if status in ask.statuses and ask.check:
                wrong = ask.check(us, body)
                if wrong:
                    self.contents.append(f"{wrong}: {told}")
            if ask.leads and not headers.get("Idempotency-Replayed"):
                us.count(**({"came": 1} if ask.leads > 0 else {"gone": 1}))
            if status == 201:
                created = (rows(body) or {}).get("id")
                if created:
                    self.owner[created.encode()] = us
        if status == 503:
            return
        if status >= 500:
            self.internal.append(told)
        elif status not in ask.statuses and not (again and status in (404, 409)):
            self.unexpected.append(told)


class Caller(threading.Thread):
    """Sends its part of the requests, one after the other."""

    def __init__(self, port, organizations, numbers, seed, tally):
        super().__init__(daemon=True)
        self.port, self.organizations, self.numbers, self.seed, self.tally = port, organizations, numbers, seed, tally
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def run(self):
        names = list(MIX)
        weights = [weight for _, weight in MIX.values()]
        for number in self.numbers:
            # The same in every run with this seed, but for what the answers have been until then.
            dice = random.Random(f"{self.seed} {number}")
            us, them = dice.sample(self.organizations, 2)
            if dice.random() < 0.25:
                us = self.organizations[dice.randrange(BUSY)]
                them = them if them is not us else self.organizations[-1]
            name = dice.choices(names, weights)[0]
            try:
                if dice.randrange(GIVEN_UP) == 0:
                    self.give_up(us, them, name, dice)
                else:
                    self.ask(us, name, MIX[name][0](us, them, dice))
            except Exception as error:  # Whatever it is, it is a failure of the drill.
                self.tally.broken.append(f"request {number}, {name}: {error!r}")
                self.connection.close()

    def ask(self, us, name, ask):
        if ask.leads:
            us.count(**({"asked": 1} if ask.leads > 0 else {"going": 1}))
        headers, body = ask.wire(us.bearer)
        began = time.monotonic()
        for again in (False, True):
            try:
                self.connection.request(ask.method, ask.path, body or None, headers)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # Servers end connections, for example after a body that they did not want to read.
                self.connection.close()
                if again:
                    raise
            except http.client.IncompleteRead as error:
                # Between two pieces the connection to the database was cut. Whoever exports can tell.
                if name != "exports":
                    raise
                self.connection.close()
                self.tally.broken_off(us, ask, error.partial)
                return
        self.tally.answered(us, name, ask, answer.status, answer.headers, text, again, time.monotonic() - began)

    def give_up(self, us, them, name, dice):
        """Hangs up before the answer, in the middle of an export, or in the middle of the request's body."""
        how = dice.choice(("before the answer", "in the middle of an export", "in the middle of the request"))
        if how == "in the middle of an export":
            # Long ones.
            us = self.organizations[dice.randrange(BUSY)]
            ask = export(us, them, dice)
        elif how == "in the middle of the request":
            ask = dice.choice((create, update, foreign_reference, wrong))(us, them, dice)
        else:
            ask = MIX[name][0](us, them, dice)
        if ask.leads:
            us.count(**({"asked": 1} if ask.leads > 0 else {"going": 1}))
        headers, body = ask.wire(us.bearer)
        lines = [f"{ask.method} {ask.path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join((*lines, "", "")).encode()
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect(("127.0.0.1", self.port))
            if how == "in the middle of the request":
                connection.sendall(head + body[: dice.randrange(len(body) or 1)])
                time.sleep(dice.random() * 0.005)
            else:
                connection.sendall(head + body)
            got = b""
            if how == "in the middle of an export":
                wanted = dice.randrange(1, 100_000)
                while len(got) < wanted and (part := connection.recv(16384)):
                    got += part
            else:
                time.sleep(dice.random() ** 2 * 0.1)
                connection.setblocking(False)
                try:
                    got = connection.recv(1 << 20)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    pass
            if dice.random() < 0.5:
                # A reset instead of a farewell.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tally.search(us, ask, got)
        with self.tally.lock:
            self.tally.given_up[how, bool(got)] += 1


class Cuts(threading.Thread):
    """Cuts connections of the server to the database, those first on which something goes on."""

    SQL = """SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' ORDER BY state = 'idle', random() LIMIT 1) AS one"""

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database = database
        self.count = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(PAUSE):
            self.count += int(self.database.sql(self.SQL))


# --- the database -----------------------------------------------------------------------------------------------------


def fill(database, us):
    """Many leads, as copies of one, with the counters kept as the server keeps them. Knows the tables."""
    database.sql(
        f"""INSERT INTO leads SELECT (jsonb_populate_record(one, jsonb_build_object('id', new.id, 'email', new.email, 'email_key', new.email))).*
        FROM leads AS one, (
          SELECT ('01990000-{us.number:04x}-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, 'many' || n || '.{us.marker}@example.org' AS email
          FROM generate_series(1, {MANY}) AS n) AS new
        WHERE one.organization_id = '{us.id}' AND one.id = '{us.ids['leads'][0]}';
        INSERT INTO lead_scores (organization_id, lead_id, total, fit, engagement)
        SELECT organization_id, id, 0, 0, 0 FROM leads WHERE organization_id = '{us.id}' AND email LIKE 'many%.{us.marker}@example.org';
        INSERT INTO lead_counters (organization_id, slot, status, leads) VALUES ('{us.id}', 0, 'new', {MANY})
        ON CONFLICT (organization_id, slot, status) DO UPDATE SET leads = lead_counters.leads + excluded.leads"""
    )
    us.count(asked=MANY, came=MANY)


def tables(database):
    return database.sql("SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organization_id' ORDER BY 1").split("\n")


def strays(database, organizations):
    """What is where it does not belong: rows that point into another organization, and rows with its marker."""
    found = []
    names = ", ".join(f"'{column}'" for column in POINTERS)
    columns = database.sql(f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name IN ({names}) ORDER BY 1, 2")
    pointers = [line.split("|") for line in columns.split("\n")]
    for table, column in pointers:
        count = database.sql(
            f"SELECT count(*) FROM {table} AS one JOIN {POINTERS[column]} AS other ON other.id = one.{column} "
            "WHERE other.organization_id <> one.organization_id"
        )
        if count != "0":
            found.append(f"{count} rows of {table} by {column}")
    values = ", ".join(f"('{us.id}'::uuid, '{us.marker}')" for us in organizations)
    for table in tables(database):
        count = database.sql(
            f"WITH own (organization_id, marker) AS (VALUES {values}) SELECT count(*) FROM {table} AS one JOIN own USING (organization_id), "
            f"LATERAL regexp_matches(one::text, '{MARKER.pattern.decode()}', 'g') AS found WHERE found[1] <> own.marker"
        )
        if count != "0":
            found.append(f"{count} markers of others in {table}")
    return found, [f"{table}.{column}" for table, column in pointers]


def attempt(database, table, sql, order="1", reach=EVERYTHING):
    """What the database said to a change of the row at `place`, of the organization `ours`. Nothing of it stays."""
    block = (
        f"DO $$ DECLARE one {table}%ROWTYPE; place tid; ours uuid; theirs uuid; BEGIN "
        f"SELECT ctid, organization_id INTO place, ours FROM {table} ORDER BY {order} LIMIT 1; {sql} RAISE EXCEPTION 'it was accepted'; END $$"
    )
    command = [PG_BIN / "psql", "-X", "-q", "-v", "VERBOSITY=verbose", database.url + reach, "-c", block]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr.strip()


def refusals(database):
    """By foreign key: what it says to rows that point into another organization, as an update and as an insert."""
    keys = database.sql(
        """SELECT conname, conrelid::regclass, a.attname, confrelid::regclass, b.attname FROM pg_constraint
        CROSS JOIN LATERAL unnest(conkey, confkey) AS pair (ours, theirs)
        JOIN pg_attribute AS a ON a.attrelid = conrelid AND a.attnum = pair.ours
        JOIN pg_attribute AS b ON b.attrelid = confrelid AND b.attnum = pair.theirs
        WHERE contype = 'f' AND a.atttypid = 'uuid'::regtype AND a.attname <> 'organization_id' ORDER BY 1"""
    )
    said = {}
    for name, table, column, target, key in (line.split("|") for line in keys.split("\n")):
        theirs = f"SELECT {key} INTO theirs FROM {target} WHERE organization_id <> ours LIMIT 1; IF theirs IS NULL THEN RAISE EXCEPTION 'no row to try'; END IF;"
        update = f"{theirs} UPDATE {table} SET {column} = theirs WHERE ctid = place;"
        insert = (
            f"{theirs} SELECT * INTO one FROM {table} WHERE ctid = place; DELETE FROM {table} WHERE ctid = place; "
            f"one.{column} := theirs; INSERT INTO {table} VALUES (one.*);"
        )
        said[name] = [attempt(database, table, sql, f"{column} IS NULL") for sql in (update, insert)]
    return said


def refusing(said):
    """The constraint that refused."""
    found = re.search(r"ERROR:  23503:.*^CONSTRAINT NAME:  (\S+)", said, re.S | re.M)
    return found and found.group(1)


def moves(database, organizations):
    """By table: what the program's own role is told when it gives a row to another organization."""
    said = {}
    for table in tables(database):
        ours = database.sql(f"SELECT organization_id FROM {table} LIMIT 1")
        if ours:
            theirs = next(us.id for us in organizations if us.id != ours)
            sql = f"PERFORM set_config('role', 'groundswell_app', true); UPDATE {table} SET organization_id = '{theirs}' WHERE ctid = place;"
            said[table] = attempt(database, table, sql, reach=EVERYTHING.rsplit("%3D", 1)[0] + f"%3D{ours}")
    return said


# --- the drill --------------------------------------------------------------------------------------------------------


def afterwards(database, port, organizations):
    """Everybody once more: both connections still serve everybody, and the numbers are those of the rows."""
    wrong = []
    leads = dict(line.split("|") for line in database.sql("SELECT organization_id, count(*) FROM leads GROUP BY 1").split("\n"))
    for us in organizations:
        client = Client(port)
        client.bearer = us.bearer
        counted, there = client.get("/api/leads/analytics/overview")["total_leads"], int(leads[us.id])
        if not (counted == there and us.came - us.going <= there <= us.asked - us.gone):
            wrong.append(f"{us.marker}: {counted} counted, {there} there, {us.came - us.going} to {us.asked - us.gone} expected")
    return wrong


def print_table(tally):
    print(f"\n{'what':<20}{'answers':>9}  statuses")
    for name in MIX:
        statuses = tally.statuses[name]
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items(), key=str))
        print(f"{name:<20}{statuses.total():>9,}  {told}")
    for how in sorted({how for how, _ in tally.given_up}):
        some, none = tally.given_up[how, True], tally.given_up[how, False]
        print(f"given up {how}: {some + none:,}, {none:,} of them before a byte had come")


def drill(work):
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=int(os.environ.get("GROUNDSWELL_DRILL_REQUESTS", "50000")))
    options.add_argument("--organizations", type=int, default=200)
    options.add_argument("--seed", default=secrets.token_hex(4))
    options = options.parse_args()
    if options.organizations <= BUSY:
        raise Failed(f"more than {BUSY} organizations are needed")

    database = work.database("postgres")
    port = free_port()
    environment = work.settings(database, port, DATABASE__MAX_CONNECTIONS=2)
    work.run(["migrate"], environment)
    server, _ = work.serve(["api"], environment, "api.log")
    began = time.monotonic()
    organizations = [Organization(number) for number in range(options.organizations)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda us: us.set_up(port), organizations))
    # One after the other: many at once, and wrong ones, are part of the drill.
    for us in organizations:
        us.invite(port)
    for us in organizations[:BUSY]:
        fill(database, us)
    database.sql("ANALYZE leads, lead_counters")
    print(f"{options.organizations} organizations set up in {time.monotonic() - began:.0f} s; --seed {options.seed}")

    tally = Tally(organizations)
    began = time.monotonic()
    cuts = Cuts(database)
    callers = [Caller(port, organizations, range(part, options.requests, THREADS), options.seed, tally) for part in range(THREADS)]
    for thread in (cuts, *callers):
        thread.start()
    for caller in callers:
        caller.join()
    took = time.monotonic() - began
    cuts.ended.set()
    cuts.join()
    # What was given up last may still be under way.
    time.sleep(2)
    lost = afterwards(database, port, organizations)
    stray, pointers = strays(database, organizations)
    refused, moved = refusals(database), moves(database, organizations)
    tried = {name: said for name, said in refused.items() if "no row to try" not in said[0]}

    print_table(tally)
    answers = sum((statuses for statuses in tally.statuses.values()), Counter())
    print(
        f"{options.requests:,} requests of {options.organizations} organizations in {took:.0f} s: {answers.total():,} answers, "
        f"{tally.given_up.total():,} given up, {answers[503]:,} of the answers 503; {cuts.count} connections to the database cut; "
        f"{tally.searched / 1e6:,.0f} MB searched"
    )
    print(f"\nno row points into another organization by {', '.join(pointers)}" if not stray else "")
    print("\nrefused by the database, as update and as insert:")
    for name, said in tried.items():
        print(f"  {name}" if set(map(refusing, said)) == {name} else f"  NOT {name}: {said}")
    print(f"not tried, there are no such rows: {', '.join(sorted(set(refused) - set(tried))) or 'none'}")
    print(f"moving a row to another organization, by row-level security: {len(moved)} tables")

    checks = {
        "no answer had anything of another organization": tally.foreign,
        "no answer was a 500": tally.internal,
        "every answer had a status that it may have": tally.unexpected,
        "every answer had what it must have": tally.contents,
        "every request that was not given up was answered": tally.broken,
        f"no answer took more than {LONG} s": tally.slow,
        "everybody has their leads, and is told how many": lost,
        "nothing in the database belongs to somebody else": stray,
        "rows that point into another organization are refused": [
            f"{name}: {one}" for name, said in tried.items() for one in said if refusing(one) != name
        ] + [f"{name} was not tried" for name in sorted(REFUSED - set(tried))],
        "rows can't be moved to another organization": [
            f"{table}: {said}" for table, said in moved.items() if not re.search("violates row-level security policy|append-only", said)
        ],
        "the server still runs": [] if server.poll() is None else ["it ended"],
    }
    print()
    for check, violations in checks.items():
        print(f"  {'ok  ' if not violations else 'FAIL'}  {check}" + (f": {len(violations)}, for example {violations[0]}" if violations else ""))
    # Which 500s there were, and what the log has about them.
    for told in tally.internal[:20]:
        found = re.search(r'"request_id":"([0-9a-f-]+)"', told)
        print(f"\n{told}", *(line for line in work.log("api.log").split("\n") if found and found.group(1) in line), sep="\n")
    return 1 if any(checks.values()) else 0


main(drill)
