#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   Follows the pages of the workshop, and tries wrong solutions of
# each page; or, with --mistakes, makes the mistakes of readers. For the arguments:
# target/debug/workshop-test --help.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso and the tests of the workshop"
compile build --workspace --bins
if [ -e workshop/bar ]; then
  kept=workshop/bar.$(date +%Y%m%d%H%M%S)
  mv workshop/bar "$kept"
  note "your bar is kept in $kept"
fi
exec "$TARGET_DIR/debug/workshop-test" "$@"
