#!/usr/bin/env bash
# sync.sh   after an edit of a function: builds what changed, and puts it into the local stack that runs. For edits of the template, the
# workflow, the schemas or the API there is `make up`.
. "$(dirname "$0")/common.sh"

[ -f "$LOCAL/env" ] || fail "no local stack runs: make up"
[ "$LOCAL/env" -nt template.yaml ] && [ "$LOCAL/env" -nt statemachines/order-processor.asl.json ] && [ "$LOCAL/env" -nt openapi.yaml ] ||
  fail "the template, the workflow or the API was edited since make up: make up again"
. "$LOCAL/env"
weak_profile
started=$SECONDS

# One build for all functions, where sam build starts one for each; what it compiles is the same.
cargo lambda build --quiet --release "--$(host_architecture | tr _ -)" || exit 1
built=$((SECONDS - started))
python "$ROOT/scripts/sync.py" "$STACK" "$TARGET_DIR/lambda"
note "built in $built s, answers after $((SECONDS - started)) s"
