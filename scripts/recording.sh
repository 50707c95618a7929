#!/usr/bin/env bash
# recording.sh   Records an order at the running bar as the picture in the README.
. "$(dirname "$0")/common.sh"

[ -f "$LOCAL/env" ] || fail "no bar runs here: make up, then presso open"
. "$LOCAL/env"
answers "$AWS_ENDPOINT_URL/_localstack/health" || fail "the bar at $AWS_ENDPOINT_URL does not answer: make up"

presso open >/dev/null
say "Recording presso order"
# The first order starts the functions, so that the second shows the usual time of an order.
presso order >/dev/null
python -B "$ROOT/scripts/recording.py" docs/images/order.svg presso order
