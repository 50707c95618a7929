#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   Follows pages 0 to 7 of the workshop, and tries wrong solutions of
# each module; or, with --mistakes, makes the mistakes of readers. For the arguments:
# target/debug/workshop-test --help.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso and the tests of the workshop"
compile build --workspace --bins
if [ -e workshop/bar ] && [[ " $* " != *" --help "* && " $* " != *" --go-on "* ]]; then
  kept=workshop/bar.$(date +%Y%m%d%H%M%S)
  mv workshop/bar "$kept"
  note "your bar is kept in $kept"
fi
exec "$TARGET_DIR/debug/workshop-test" "$@"
