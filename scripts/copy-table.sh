#!/usr/bin/env bash
# copy-table.sh FROM TO [--overwrite]   Copies the items of a table that the other one lacks, with
# the credentials of the shell. See copy_table.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/tools.sh"
python -B "$ROOT/scripts/copy_table.py" "$@"
