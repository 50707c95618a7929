#!/usr/bin/env bash
# From nothing to a served coffee.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

say "Opening the shop"
presso open
say "One order, from scan to pick-up"
presso order

cat <<'TEXT'

The coffee bar runs. To go on:
  . .local/env             then presso and sam speak to it
  presso watch             the bus, live
  presso order --cancel    a customer who changes their mind
  presso rush --orders 100 --raise-limits
  make test                unit tests and the end-to-end suite
  make down                stop it
TEXT
