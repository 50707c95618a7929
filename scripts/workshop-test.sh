#!/usr/bin/env bash
# workshop-test.sh [ARGUMENT…]   follows the pages of the workshop as a reader does, and tries wrong attempts at each module. What the
# arguments are: target/debug/workshop-test --help.
. "$(dirname "$0")/common.sh"

need_rust
say "Building presso, and who follows the pages"
cargo build --quiet --workspace --bins
if [ -e workshop/bar ]; then
  kept=workshop/bar.$(date +%Y%m%d%H%M%S)
  mv workshop/bar "$kept"
  note "your bar is kept in $kept"
fi
say "Following the pages in docs/workshop"
exec "$TARGET_DIR/debug/workshop-test" "$@"
