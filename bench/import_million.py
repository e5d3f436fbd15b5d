"""Imports a file of a million leads, and takes the import back: how fast, and in how much memory. `scripts/bench import` runs it.

One process serves and works; memory is its peak. The file is as large as it is for everybody: nothing is loaded past the API.
"""

import os
import sys
import time

from harness import Client, Failed, free_port, leads_csv, main, memory, stop

ROWS = int(os.environ.get("GROUNDSWELL_BENCH_LEADS", "1000000"))
RATE = 10_000
MIB = 200


def undo(client, import_id):
    client.post(f"/api/leads/imports/{import_id}/undo", {})
    while (state := client.get(f"/api/leads/imports/{import_id}"))["status"] != "undone":
        time.sleep(0.2)
    if state["undone"] != {"deleted": ROWS, "restored": 0, "kept": 0}:
        raise Failed(f"the undo left something: {state}")


def run(work):
    kind = sys.argv[1] if len(sys.argv) > 1 else "postgres"
    database = work.database(kind)
    port = free_port()
    process, _ = work.serve(["serve"], work.settings(database, port))
    client = Client(port)
    client.register()
    client.use_key()
    csv = leads_csv(ROWS, "lead")
    began = time.monotonic()
    import_id = client.start_import(csv)
    uploaded = time.monotonic()
    client.finish_import(import_id, ROWS, pause=0.5)
    ended = time.monotonic()
    rate, peak = ROWS / (ended - began), memory(process, "VmHWM")
    print(f"{database.kind}: {ROWS:,} lines in {ended - began:.0f} s: {rate:,.0f} a second, upload ({uploaded - began:.1f} s) included")
    print(f"peak of memory: {peak:.0f} MiB")
    began = time.monotonic()
    undo(client, import_id)
    print(f"undo: {ROWS / (time.monotonic() - began):,.0f} leads a second; peak of memory {memory(process, 'VmHWM'):.0f} MiB")
    left = int(database.sql("SELECT COUNT(*) FROM leads")) if kind == "postgres" else 0
    stop(process)
    if left:
        raise Failed(f"{left} leads are left")
    if kind == "postgres" and (rate < RATE or peak > MIB):
        raise Failed(f"the aim is {RATE:,} lines a second in {MIB} MiB")
    return 0


if __name__ == "__main__":
    main(run)
