#!/usr/bin/env bash
# alarms.sh [--json]   Rings each alarm of the template in a separate stack on the local emulator,
# which it starts. See alarms.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

deploy_locally "$STACK-alarms" "$BUILT/template.yaml" "file://$LOCAL/parameters.yaml"

say "Ringing the alarms of the stack $STACK-alarms"
status=0
python -B "$ROOT/scripts/alarms.py" "$STACK-alarms" "$@" || status=$?
# Its functions fail now, and its schedule would go on.
aws cloudformation delete-stack --stack-name "$STACK-alarms"
exit "$status"
