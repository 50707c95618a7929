#!/usr/bin/env bash
# model.sh   Explores the model, and compares the shipped DynamoDB expressions and the workflow with
# the model in every case that the exploration meets. With MODEL_LONG, also explores larger shops.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
. "$LOCAL/env"
say "Compiling the model"
compile test --workspace --no-run --test model_expressions --test suite || fail "the tests do not compile"
case ${MODEL_LONG:-false} in
  "" | 0 | false | no) ;;
  *)
    compile build --workspace --bin model || fail "the model does not compile"
    say "Exploring larger shops"
    "$TARGET_DIR/debug/model" --long
    ;;
esac
say "Exploring the model, and comparing the shipped expressions on $AWS_ENDPOINT_URL"
with_heartbeat cargo test --quiet --workspace --test model_expressions -- --nocapture
say "Comparing the workflow's paths"
with_heartbeat cargo test --quiet --workspace --test suite -- workflow_paths
