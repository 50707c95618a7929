#!/usr/bin/env bash
# model.sh   Explores the model of small shops, and compares the shipped DynamoDB expressions and
# the workflow with the model in every case that the exploration meets. With MODEL_LONG, first
# explores small and larger shops without a comparison.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
. "$LOCAL/env"
say "Compiling the model"
compile test --workspace --no-run --test model_expressions --test suite || fail "the tests do not compile"
case $(tr "[:upper:]" "[:lower:]" <<<"${MODEL_LONG:-false}") in
  "" | 0 | false | f | no | n | off) ;;
  *)
    compile build --workspace --bin model || fail "the model does not compile"
    say "Exploring small and larger shops"
    "$TARGET_DIR/debug/model" --long
    ;;
esac
say "Exploring the model, and comparing the shipped expressions on $AWS_ENDPOINT_URL"
with_heartbeat cargo test --quiet --workspace --test model_expressions -- --nocapture
say "Comparing the workflow's paths"
with_heartbeat cargo test --quiet --workspace --test suite -- workflow_paths
