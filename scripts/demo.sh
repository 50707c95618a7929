#!/usr/bin/env bash
# demo.sh   Builds, deploys and opens the bar on this machine, then serves one order.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

say "Opening the shop"
presso open
say "One order, from scan to completion"
presso order

cat <<'TEXT'

The coffee bar runs. Next:
  . .local/env             presso, sam, aws and curl "$API_URL/config?eventId=coffee-bar" reach it
  presso watch             shows the events on the bus
  presso order --cancel    serves a customer who cancels
  presso rush --orders 100 --raise-limits
  LAN=192.168.1.20 make demo   serves the pages at this address of your machine, for phones
  make test                unit tests and the end-to-end suite
  make down                stops the bar

Open these on a television, a phone and a tablet, or in tabs. The links of barista and bus sign in
as staff; bus shows the events as they happen.
TEXT
"$ROOT/scripts/serve.sh" start
