#!/usr/bin/env bash
# web.sh build|check|watch   Builds or checks the web pages, or serves them with a proxy to the
# deployed API and rebuilds them on each save.
. "$(dirname "$0")/common.sh"

node=$ROOT/scripts/node.sh
case ${1:-} in
  build)
    "$node" npm run --silent types
    "$node" npm run --silent build
    ;;
  check)
    say "Types, lints and unit tests of the web pages"
    "$node" npm run --silent check
    say "The committed pages equal a build of the sources"
    "$node" npm run --silent build -- --check
    ;;
  watch)
    if [ -z "${API_URL:-}" ]; then
      [ -f "$LOCAL/env" ] || fail "no local deployment: run make demo, or set API_URL to another one"
      . "$LOCAL/env"
    fi
    "$node" npm run --silent watch
    ;;
  *) fail "usage: scripts/web.sh build|check|watch" ;;
esac
