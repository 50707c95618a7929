#!/usr/bin/env bash
# From a clone to a served coffee.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

say "Opening the shop"
presso open
say "One order, from scan to pick-up"
presso order

cat <<'TEXT'

The coffee bar runs. Next:
  . .local/env             presso, sam, aws and curl "$API_URL/config?eventId=coffee-bar" reach it
  presso watch             shows the bus, live
  presso order --cancel    a customer who cancels
  presso rush --orders 100 --raise-limits
  make test                unit tests and the end-to-end suite
  make down                stops it
TEXT
