#!/usr/bin/env bash
# mutations.sh   Applies the mutations of tests/mutations.toml to a copy of the code, one by one:
# each must make a proof fail.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/up.sh"
. "$LOCAL/env"
"$ROOT/scripts/mutations.py" --only "${ONLY:-}"
