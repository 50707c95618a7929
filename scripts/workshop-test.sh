#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   Follows pages 0 to 7 of the workshop, and tries wrong solutions of
# each module. With --mistakes, instead makes the mistakes listed in workshop/mistakes.yaml. For the
# arguments: target/debug/workshop-test --help.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso and the tests of the workshop"
compile build --workspace --bins
status=0
"$TARGET_DIR/debug/workshop-test" "$@" || status=$?
# The learner's programs replaced those of the application in the target folder. A newer source
# makes Cargo link the application's again.
touch functions/*/src/main.rs
exit "$status"
