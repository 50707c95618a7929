#!/usr/bin/env bash
# copy-table.sh FROM TO [--overwrite]   Copies the items that the table TO lacks from the table
# FROM, with the credentials of the shell. See copy_table.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/tools.sh"
python -B "$ROOT/scripts/copy_table.py" "$@"
