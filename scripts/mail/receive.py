"""Sends each starter template through the real program to a mail server that is not ours, and takes what arrived apart.

    receive.py BINARY FOLDER

The program runs with SQLite in a folder of its own, signs with the keys of a domain that dnslib serves, and hands its mails to
aiosmtpd. Each mail is then judged by dkimpy, by Python's email package and by html5lib, and written to FOLDER as NAME.eml, NAME.txt
and NAME.html; look.mjs takes it from there.
"""

import datetime
import email
import email.policy
import html
import json
import os
import pathlib
import queue
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import dkim
import dnslib
import dnslib.server
import html5lib
from aiosmtpd.controller import Controller

BINARY, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
DOMAIN = "sender.example"
PATIENCE = 30

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
# Who gets each template: name, company, and what goes into the template's own fields.
HOSTILE = {
    "welcome": ("Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮ of the Combining Marks", "Ω≈ç√∫ åß∂ƒ©", {}),
    "newsletter": ("الخوارزمي محمد بن موسى", "بيت الحكمة", {"issue_title": "ثم نفس سقطت وبالتحديد، جزيرتي باستخدام أن دنو"}),
    "event-invitation": ("שרה בת־שבע כהן", "בְּרֵאשִׁית בע״מ", {
        "event_title": "👩🏽‍💻 ❤️ 🇺🇸🇷🇺 " + LONG, "event_date": "\u202e31 May\u202c", "event_time": "25:61", "event_place": "田中さんにあげて下さい"}),
    "event-reminder": ("👩🏽‍💻 🏳️‍🌈 ❤️", "🇺🇸🇷🇺🇸", {
        "event_title": "<b>Bold</b> & \"quoted\"", "event_time": "1/0", "event_place": "../../etc/passwd"}),
    "offer": (LONG + " " + LONG, LONG, {"offer": "１００ %", "offer_code": "W" * 60, "offer_end": "2027-99-99"}),
    "follow-up": ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", {}),
    "product-news": ("\u202egnp.exe Mallory\u202c", "zero\u200bwidth\u200d \u00ad", {"product": "=cmd|' /C calc'!A0"}),
    "getting-started": ("{{7*7}} {% raw %} {{ ''.__class__ }}", "${7*7} #{7*7} %s%n", {}),
    "feedback": ("田中さん太郎にあげて下さい", "𠜎𠜱𠝹𠱓 株式会社", {}),
    "thank-you": ("&lt;b&gt; ]]> <!-- x --> &amp;", "' OR '1'='1; DROP TABLE leads;--", {}),
    "win-back": (". . .", "..\\..\\con", {}),
    "customer-story": ("W" * 200, "x" * 200, {"customer": "W" * 150, "quote": "Ö" * 1200, "quoted": "Straße " * 40}),
}
BRAND = {
    "name": "Häfen & <Söhne> “GmbH” 🌲", "website": "https://harbourandpine.example/?a=1&b=2", "email": "hello@harbourandpine.example",
    "address": "12 Quay Street, Gaillimh H91 F2TD, Éire 🇮🇪", "phone": "+353 91 555 010",
}
LOGOS = {"logo_url": "https://pictures.example/logo.png", "logo_dark_url": "https://pictures.example/logo-dark.png"}


# --- the world around the program -------------------------------------------------------------------------------------

class Mailbox:
    """Of everybody: mails as they came over the wire, by who they are for."""

    def __init__(self):
        self.arrived = queue.Queue()

    async def handle_DATA(self, server, session, envelope):
        self.arrived.put((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 taken"


class Names(dnslib.server.BaseResolver):
    """A name server of a few texts."""

    def __init__(self):
        self.texts = {}

    def resolve(self, request, handler):
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        if request.q.qtype == dnslib.QTYPE.TXT and name in self.texts:
            raw = self.texts[name].encode()
            pieces = [raw[at:at + 255] for at in range(0, len(raw), 255)]
            reply.add_answer(dnslib.RR(request.q.qname, dnslib.QTYPE.TXT, rdata=dnslib.TXT(pieces), ttl=60))
        elif not any(known == name or known.endswith("." + name) for known in self.texts):
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
        return reply


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """The real one, with everything that its users would set."""

    def __init__(self, data, smtp, dns):
        port = free_port(socket.SOCK_STREAM)
        self.base, self.token = f"http://127.0.0.1:{port}", None
        own = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL__")}
        self.log = open(data + ".log", "w+b")
        self.process = subprocess.Popen([BINARY, "serve"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=own | {
            "GROUNDSWELL__DATA__DIR": data,
            "GROUNDSWELL__SERVER__PORT": str(port),
            "GROUNDSWELL__SERVER__PUBLIC_URL": self.base,
            "GROUNDSWELL__WORKER__POLL_MS": "20",
            "GROUNDSWELL__AUTH__CONFIRM_ADDRESSES": "false",
            "GROUNDSWELL__LIMITS__ENABLED": "false",
            "GROUNDSWELL__DNS__NAMESERVERS": f'["127.0.0.1:{dns}"]',
            "GROUNDSWELL__EMAIL__TRANSPORT": "smtp",
            "GROUNDSWELL__EMAIL__SMTP_URL": f"smtp://127.0.0.1:{smtp}?tls=none",
            "GROUNDSWELL__EMAIL__FROM": "Installation <news@installation.example>",
        })

    def await_ready(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                return urllib.request.urlopen(self.base + "/readyz", timeout=5).read()
            except OSError:
                time.sleep(0.1)
        sys.exit(f"the program did not start:\n{self.written()}")

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=PATIENCE) as answer:
                return json.load(answer).get("data")
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    def written(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


# --- what is right about a mail ---------------------------------------------------------------------------------------

wrong = []


def check(good, name, what):
    if not good:
        wrong.append(f"{name}: {what}")
        print(f"BAD {name}: {what}", file=sys.stderr)


def check_wire(name, raw):
    """RFC 5322 2.1.1 and 2.3, and RFC 5321 4.5.3.1.6: what a server between here and there may rely on."""
    check(not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), name, "a line ends with CR or LF alone")
    longest = max(len(line) for line in raw.split(b"\r\n"))
    check(longest <= 998, name, f"a line has {longest} bytes")
    check(raw.isascii(), name, "bytes that need 8BITMIME")
    check(b"\0" not in raw, name, "a NUL")


def check_signatures(name, raw, names):
    """Each signature by itself: a verifier stops at the first that is good."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    signatures = message.get_all("DKIM-Signature", [])
    check(len(signatures) == 2, name, f"{len(signatures)} signatures")
    found = lambda question, timeout=5: names.texts.get(question.decode().rstrip("."), "").encode() or None
    for index, signature in enumerate(signatures):
        try:
            good = dkim.DKIM(raw).verify(idx=index, dnsfunc=found)
        except dkim.DKIMException as error:
            good = error
        check(good is True, name, f"signature {index} fails: {good}")
        tags = dict(tag.strip().split("=", 1) for tag in re.sub(r"\s+", "", str(signature)).rstrip(";").split(";"))
        check(tags["d"] == DOMAIN, name, f"signed for {tags['d']}, which is not where it comes from")
        signed = set(tags["h"].lower().split(":"))
        # RFC 8058 3: without these two in the signature, nobody has to offer one-click unsubscription.
        needed = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post"}
        check(needed <= signed, name, f"not signed: {needed - signed}")
        check("l" not in tags, name, "only a part of the body is signed")


def check_message(name, raw, to):
    """What Python's own parser says, which keeps every mistake that it meets as a defect. The text and the HTML."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        check(not part.defects, name, f"{part.get_content_type()}: {part.defects}")
        for field, value in part.items():
            check(not getattr(value, "defects", ()), name, f"{field}: {value.defects}")
            check("\n" not in value and "\r" not in value, name, f"{field} has a line of its own")
    for field in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post"):
        check(len(message.get_all(field, [])) == 1, name, f"{field}: {message.get_all(field)}")
    for field in ("Bcc", "Sender", "Return-Path", "X-Evil"):
        check(message[field] is None, name, f"{field}: {message[field]}")
    check([address.addr_spec for address in message["To"].addresses] == [to], name, f"To: {message['To']}")
    check([address.domain for address in message["From"].addresses] == [DOMAIN], name, f"From: {message['From']}")
    check(message["Subject"].strip() != "", name, "no subject")
    check(re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", message["Message-ID"]), name, f"Message-ID: {message['Message-ID']}")
    sent = message["Date"].datetime
    now = datetime.datetime.now(datetime.timezone.utc)
    check(sent and sent.tzinfo and abs((now - sent).total_seconds()) < 600, name, f"Date: {message['Date']}")
    check(re.fullmatch(r"<http://127\.0\.0\.1:\d+/u/[^<>,\s]+>", message["List-Unsubscribe"]), name, f"List-Unsubscribe: {message['List-Unsubscribe']}")
    check(message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", name, f"List-Unsubscribe-Post: {message['List-Unsubscribe-Post']}")

    check(message.get_content_type() == "multipart/alternative", name, message.get_content_type())
    parts = list(message.iter_parts())
    # RFC 2046 5.1.4: the plainest first, the richest last.
    check([part.get_content_type() for part in parts] == ["text/plain", "text/html"], name, f"{[part.get_content_type() for part in parts]}")
    texts = []
    for part in parts:
        check(part.get_content_charset() == "utf-8", name, f"charset {part.get_content_charset()}")
        check(part["Content-Transfer-Encoding"] in ("quoted-printable", "base64", "7bit"), name, f"{part['Content-Transfer-Encoding']}")
        texts.append(part.get_payload(decode=True).decode("utf-8", "strict"))
        check("\ufffd" not in texts[-1], name, "something was lost in the encoding")
    return message, *texts


def check_html(name, text):
    """The parsing algorithm of HTML with every parse error an error."""
    try:
        html5lib.HTMLParser(strict=True).parse(text)
    except html5lib.html5parser.ParseError as error:
        check(False, name, f"not HTML: {error}")


def check_content(name, message, text, page, lead, fields):
    """The data is shown as it is, and does nothing."""
    known = lambda value: re.sub(r"\s+", "", value)
    first = lead.split()[0]
    said = [value for value in fields.values() if known(value) in known(html.unescape(page))]
    greeted = known(first) in known(html.unescape(page)) or known(first) in known(str(message["Subject"]))
    check(greeted, name, f"{first!r} is not in it")
    check(len(said) == len(fields), name, f"only {said} of {fields}")
    for harm in ("<script", "<img src=x", "<b>Bold", "{%"):
        check(harm not in page, name, f"{harm} is in the HTML")
    for shown in (page, text, str(message["Subject"])):
        opened, closed = len(re.findall("[\u202a\u202b\u202d\u202e\u2066-\u2068]", shown)), len(re.findall("[\u202c\u2069]", shown))
        check(opened == closed, name, "what turns the direction of a name goes on after it")
    # In the text nothing is escaped, as nothing could happen.
    check("&amp;" not in text.replace(lead, "").replace(first, ""), name, "the text is escaped")


# --- all of it --------------------------------------------------------------------------------------------------------

def verified_domain(program, names):
    made = program.call("POST", "/api/email/domains", {"domain": DOMAIN, "algorithms": ["rsa", "ed25519"]})
    for record in made["records"]:
        names.texts[record["name"].rstrip(".").lower()] = record["value"]
    checked = program.call("POST", f"/api/email/domains/{made['id']}/check", {})
    if not checked["verified_at"]:
        sys.exit(f"the domain was not verified: {checked['checks']}")
    program.call("PATCH", "/api/organization", {"from": {"name": "Häfen, Söhne & Co.", "address": f"hello@{DOMAIN}"}})


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    mailbox, names, dns_port = Mailbox(), Names(), free_port(socket.SOCK_DGRAM)
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port(socket.SOCK_STREAM))
    quiet = dnslib.server.DNSLogger("-request,-reply,-truncated,-error")
    servers = [dnslib.server.DNSServer(names, port=dns_port, address="127.0.0.1", tcp=tcp, logger=quiet) for tcp in (False, True)]
    smtp.start()
    for server in servers:
        server.start_thread()
    with tempfile.TemporaryDirectory() as scratch:
        program = Program(scratch + "/data", smtp.port, dns_port)
        try:
            program.await_ready()
            program.token = program.call("POST", "/api/auth/register", {
                "email": "ada@ada.example", "password": "correct horse battery", "name": "Ada", "organization_name": "Ada Ltd"})["access_token"]
            verified_domain(program, names)
            starters = [starter["key"] for starter in program.call("GET", "/api/email/starters")]
            if set(starters) != set(HOSTILE):
                sys.exit(f"give HOSTILE somebody for each of {set(starters) ^ set(HOSTILE)}")
            for number, key in enumerate(starters):
                receive(program, mailbox, names, key, BRAND | (LOGOS if number % 2 else {}))
        except queue.Empty:
            sys.exit(f"a mail did not come; the program wrote:\n{program.written()[-4000:]}")
        finally:
            program.stop()
            smtp.stop()
            for server in servers:
                server.stop()
    if wrong:
        sys.exit(f"{len(wrong)} things are wrong with the mails")
    print(f"{len(HOSTILE)} mails: signatures, MIME and HTML are right")


def receive(program, mailbox, names, key, brand):
    lead, company, fields = HOSTILE[key]
    to = f"{key}@reader.example"
    program.call("PUT", "/api/brand", brand)
    program.call("POST", "/api/leads", {"email": to, "name": lead, "company": company})
    template = program.call("POST", "/api/email/starters", {"starter": key, "status": "live"})
    program.call("POST", "/api/email/send", {"to": to, "template_id": template["id"], "variables": fields})
    sender, recipients, raw = mailbox.arrived.get(timeout=PATIENCE)
    check((sender, recipients) == (f"hello@{DOMAIN}", [to]), key, f"from {sender} to {recipients}")
    (FOLDER / f"{key}.eml").write_bytes(raw)
    check_wire(key, raw)
    check_signatures(key, raw, names)
    message, text, page = check_message(key, raw, to)
    check_html(key, page)
    check_content(key, message, text, page, lead, fields)
    (FOLDER / f"{key}.html").write_text(page, encoding="utf-8", newline="")
    (FOLDER / f"{key}.txt").write_text(f"Subject: {message['Subject']}\n\n{text}", encoding="utf-8", newline="")


main()
