#!/usr/bin/env bash
# alarms.sh [--json]   Starts the local emulator, deploys a separate stack and puts each of its
# alarms into ALARM. See alarms.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Functions of the stack fail afterwards, and its schedule would go on invoking them.
trap 'python -B "$ROOT/scripts/teardown.py" "$STACK-alarms" --yes >/dev/null' EXIT
deploy_locally "$STACK-alarms" "$BUILT/template.yaml" "file://$LOCAL/parameters.yaml"

say "Putting the alarms of the stack $STACK-alarms into ALARM"
python -B "$ROOT/scripts/alarms.py" "$STACK-alarms" "$@"
