# just is a convenience: every recipe is a script or one cargo command.

# List the recipes
default:
    @just --list --unsorted

# Everything CI runs
test:
    scripts/test

# Format the workspace
fmt:
    cargo fmt --all

# Formatting, boundaries and clippy, without the tests
lint:
    cargo fmt --all --check
    scripts/check-boundaries
    cargo clippy --workspace --all-targets --locked -- -D warnings

# The starter templates as they arrive, judged by tools of others; mails and pictures are kept in FOLDER
check-mail folder="target/mails":
    scripts/check-mail {{ folder }}

# Serve on 127.0.0.1:8080 with ./data
run *arguments:
    cargo run --release -- {{ arguments }}

# Throughput and latency on SQLite and PostgreSQL
bench *arguments:
    scripts/bench {{ arguments }}

# Import, segments, search, overview and scores of a million leads on PostgreSQL
bench-leads *arguments:
    scripts/bench-leads {{ arguments }}

# Mails a second beside smtp-source, a launch to a million, opens and clicks a second, on PostgreSQL
bench-email *arguments:
    scripts/bench-email {{ arguments }}

# 10,000 mails through two workers while something goes wrong: kill9, pgcrash, frozen, deferred, resets, pauses, unsubscribes
drill-mail name *arguments:
    scripts/drill-mail {{ name }} {{ arguments }}

# The keys of 100,000 secrets rotated under five kill -9
drill-rotate *arguments:
    scripts/drill-rotate {{ arguments }}

# 50,000 requests of 200 organizations over two connections
drill-tenants *arguments:
    scripts/drill-tenants {{ arguments }}

# Four schedulers at once, killed and frozen
drill-schedulers *arguments:
    scripts/drill-schedulers {{ arguments }}

# Write docs/openapi.json (to a file beside it first: a failing build must not empty it)
openapi:
    mkdir -p docs target
    cargo run -q -p groundswell-server --locked -- openapi > target/openapi.json
    mv target/openapi.json docs/openapi.json
