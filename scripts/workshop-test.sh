#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   Follows pages 0 to 7 of the workshop, and tries wrong solutions of
# each module. With --mistakes, instead makes the mistakes listed in workshop/mistakes.yaml. For the
# arguments: target/debug/workshop-test --help.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso and the tests of the workshop"
compile build --workspace --bins
exec "$TARGET_DIR/debug/workshop-test" "$@"
