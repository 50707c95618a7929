#!/usr/bin/env bash
# teardown.sh STACK [--yes]   Deletes a stack and what its deletion keeps, with the credentials of
# the shell, and lists what is left.
. "$(dirname "$0")/common.sh"

[ -n "${1:-}" ] || fail "name the stack: make teardown NAME=…"
"$ROOT/scripts/tools.sh"
python -B "$ROOT/scripts/teardown.py" "$@"
