#!/usr/bin/env bash
# recording.sh   Records a served order at the running bar as the picture of the README.
. "$(dirname "$0")/common.sh"

[ -f "$LOCAL/env" ] || fail "no bar runs here: make up, then presso open"
. "$LOCAL/env"
answers "$AWS_ENDPOINT_URL/_localstack/health" || fail "the bar at $AWS_ENDPOINT_URL does not answer: make up"

presso open >/dev/null
say "Recording presso order"
# The first order starts each function; the second shows how long an order takes.
presso order >/dev/null
python -B "$ROOT/scripts/recording.py" docs/images/order.svg presso order
