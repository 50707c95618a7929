#!/usr/bin/env bash
# sync.sh   Compiles edited functions and updates them in the running local stack. After an edit of
# the template, the workflow or the API run `make up` instead.
. "$(dirname "$0")/common.sh"

[ -f "$LOCAL/env" ] || fail "no local stack is running: make up"
for file in template.yaml statemachines/order-processor.asl.json openapi.yaml; do
  [ "$LOCAL/env" -nt "$file" ] || fail "$file was edited after the last make up: run make up"
done
. "$LOCAL/env"
started=$SECONDS
"$ROOT/scripts/build-local.sh"
python "$ROOT/scripts/functions.py" sync "$STACK" "$BUILT"
note "deployed after $((SECONDS - started)) s"
