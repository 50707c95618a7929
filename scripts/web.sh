#!/usr/bin/env bash
# web.sh build|check|watch   Builds the screens, checks them, or rebuilds them on each save and
# serves them in front of the running bar.
. "$(dirname "$0")/common.sh"

node=$ROOT/scripts/node.sh
case ${1:-} in
  build)
    "$node" npm run --silent types
    "$node" npm run --silent build
    ;;
  check)
    say "Types, lints and unit tests of the screens"
    "$node" npm run --silent check
    say "Built pages are those of the sources"
    "$node" npm run --silent build -- --check
    ;;
  watch)
    if [ -z "${API_URL:-}" ]; then
      [ -f "$LOCAL/env" ] || fail "no bar runs here: make demo, or name one with API_URL=https://…"
      . "$LOCAL/env"
    fi
    "$node" npm run --silent watch
    ;;
  *) fail "usage: scripts/web.sh build|check|watch" ;;
esac
