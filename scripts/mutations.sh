#!/usr/bin/env bash
# mutations.sh   Runs mutations.py on the local stack: each mutation of tests/mutations.toml must
# make a proof fail. ONLY=WORD selects mutations.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
. "$LOCAL/env"
"$ROOT/scripts/mutations.py" --only "${ONLY:-}"
