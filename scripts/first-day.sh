#!/usr/bin/env bash
# first-day.sh   Deploys a separate stack, asks AWS (or with LOCAL an emulator) the questions of
# docs/first-day-on-aws.md, and deletes everything again. With TEARDOWN it only deletes, with BILL
# it only prints the bill. The page describes these and the variables LOCAL, ONLY, WRONG, MAIL and
# CONFIRM.
#
# first-day.sh deploy STACK BUCKET PARAMETER=VALUE…   deploys the stack with a new release; the
# program first_day calls this.

# STACK and LOCAL are read here, because common.sh sets both.
name=serverlesspresso-first-day
FIRST_DAY_STACK=${STACK:-$name}
on_emulator=${LOCAL:-}
. "$(dirname "$0")/common.sh"

deploy() {
  local stack=$1 bucket=$2
  # Without a new release the functions behind the API keep code and parameters.
  set -- "${@:3}" "Release=$(release)"
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    deploy_locally "$stack" "$BUILT/template.yaml" "$@"
    return
  fi
  local log=$LOCAL/deploy-$stack.log
  with_progress "$log" sam deploy --config-env first-day --stack-name "$stack" --s3-bucket "$bucket" \
    --parameter-overrides "$@" || {
    tail -n 15 "$log" >&2
    fail "sam deploy failed; its output is in $log"
  }
}

if [ "${1:-}" = deploy ]; then
  shift
  deploy "$@"
  exit
fi

[ "$FIRST_DAY_STACK" = "$name" ] ||
  fail "STACK is $FIRST_DAY_STACK: this script deletes its stack at the end, so it accepts only $name; unset STACK"
[ "${CONFIG_ENV:-default}" = default ] ||
  fail "CONFIG_ENV is $CONFIG_ENV: this script always uses the environment first-day of samconfig.toml; unset CONFIG_ENV"
export FIRST_DAY_STACK PYTHONPATH=$ROOT/scripts
"$ROOT/scripts/tools.sh"

what=(run)
[ -z "${TEARDOWN:-}" ] || what=(teardown)
[ -z "${BILL:-}" ] || what=(bill "$BILL")

if [ -z "$on_emulator" ]; then
  [ -z "${AWS_ENDPOINT_URL:-}" ] ||
    fail "AWS_ENDPOINT_URL is set to $AWS_ENDPOINT_URL: unset it to ask AWS, or set LOCAL=1"
  exec python -B -m first_day "${what[@]}"
fi

was_running=no
"$ROOT/scripts/emulator.sh" running && was_running=yes
"$ROOT/scripts/emulator.sh" start
trap '[ "$was_running" = yes ] || "$ROOT/scripts/emulator.sh" stop' EXIT
# Python deletes everything after Ctrl-C, so this shell waits for it.
trap : INT TERM
use_endpoint "$("$ROOT/scripts/emulator.sh" endpoint)"
"$ROOT/scripts/build-local.sh"
FIRST_DAY_PARAMETERS="Architecture=$(host_architecture) Realtime=$(realtime) LiveAddress=$(live_address)"
export FIRST_DAY_PARAMETERS
status=0
python -B -m first_day "${what[@]}" || status=$?
exit "$status"
