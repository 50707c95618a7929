#!/usr/bin/env bash
# alarms.sh [--json]   Puts each alarm of the template into ALARM, in a separate stack on the local
# emulator, which it starts. See alarms.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Its functions fail afterwards, and its schedule would go on.
trap 'python -B "$ROOT/scripts/teardown.py" "$STACK-alarms" --yes >/dev/null' EXIT
deploy_locally "$STACK-alarms" "$BUILT/template.yaml" "file://$LOCAL/parameters.yaml"

say "Putting the alarms of the stack $STACK-alarms into ALARM"
python -B "$ROOT/scripts/alarms.py" "$STACK-alarms" "$@"
