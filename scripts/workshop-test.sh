#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   Follows the pages of the workshop and tries the wrong attempts of
# each module. target/debug/workshop-test --help lists the arguments.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso and the workshop's tests"
compile build --workspace --bins
if [ -e workshop/bar ]; then
  kept=workshop/bar.$(date +%Y%m%d%H%M%S)
  mv workshop/bar "$kept"
  note "your bar is kept in $kept"
fi
say "Following the pages in docs/workshop"
exec "$TARGET_DIR/debug/workshop-test" "$@"
