#!/usr/bin/env bash
# emulator.sh start | stop | running | endpoint
# start     starts MiniStack, or with EMULATOR=localstack LocalStack's container, on the loopback
#           interface. .local/emulator.pid has the process group of MiniStack and its port.
# stop      stops that MiniStack, and with EMULATOR=localstack the container
# running   succeeds if that MiniStack runs, or with EMULATOR=localstack the container
# endpoint  prints the address of the emulator
. "$(dirname "$0")/common.sh"

pid_file=$LOCAL/emulator.pid
log=$LOCAL/emulator.log
endpoint=http://127.0.0.1:$PORT

# Succeeds if the MiniStack of an earlier start still runs.
running() {
  [ -f "$pid_file" ] || return 1
  local pid
  pid=$(cut -d' ' -f1 "$pid_file")
  ps -o command= -p "$pid" 2>/dev/null | grep -q ministack
}

# Succeeds if the container of LocalStack runs.
localstack_running() {
  docker compose ps --status running --services 2>/dev/null | grep -qx localstack
}

stop_ministack() {
  local pid
  pid=$(cut -d' ' -f1 "$pid_file" 2>/dev/null || true)
  # The functions are children of MiniStack and could outlive it, so the whole group gets the
  # signal, also if MiniStack has ended. The path of each function contains the name, too.
  if [ -n "$pid" ] && pgrep -g "$pid" -f ministack >/dev/null; then
    kill -TERM -- "-$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 -- "-$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$pid_file"
}

wait_until_it_answers() {
  local seconds=$1 started=$SECONDS reported=$SECONDS
  until answers "$endpoint/_localstack/health"; do
    [ "$EMULATOR" != ministack ] || running ||
      fail "MiniStack ended while it started: $(tail -n 1 "$log") (its output is in $log)"
    [ "$((SECONDS - started))" -lt "$seconds" ] ||
      fail "$EMULATOR did not answer within $seconds s: see $log"
    if [ "$((SECONDS - reported))" -ge 3 ]; then
      reported=$SECONDS
      note "$((SECONDS - started)) s"
    fi
    sleep 0.2
  done
}

start_ministack() {
  if running; then
    local port
    port=$(cut -d' ' -f2 "$pid_file")
    [ "$port" = "$PORT" ] || fail "MiniStack already runs on port $port: run make down first"
    return
  fi
  rm -f "$pid_file"
  if port_taken "$PORT"; then
    fail "port $PORT is taken: set PORT to a free one, or AWS_ENDPOINT_URL=$endpoint to use what runs there"
  fi
  say "Starting MiniStack on $endpoint"
  mkdir -p "$LOCAL/emulator"
  # Job control puts MiniStack into its own process group, which stop_ministack ends.
  set -m
  (
    cd "$LOCAL/emulator" || exit
    # The functions inherit this environment.
    exec env -u AWS_PROFILE -u AWS_SESSION_TOKEN BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 \
      LAMBDA_WARM_TTL_SECONDS=60 \
      GATEWAY_PORT="$PORT" AWS_ENDPOINT_URL="$endpoint" \
      nohup "$VENV/bin/python" "$ROOT/scripts/recording_ministack.py" "$LOCAL/calls.jsonl"
  ) </dev/null >"$log" 2>&1 &
  local pid=$!
  set +m
  echo "$pid $PORT" >"$pid_file"
  trap stop_ministack EXIT
  # Until exec the process has the name of the shell, so running() does not recognise it.
  for _ in $(seq 50); do
    running && break
    sleep 0.05
  done
  wait_until_it_answers 60
  trap - EXIT
  disown "$pid" 2>/dev/null || true
}

start_localstack() {
  need docker "EMULATOR=localstack needs it to run LocalStack's image; to use a LocalStack that runs, set AWS_ENDPOINT_URL"
  docker info >/dev/null 2>&1 || fail "Docker does not answer: start it, or use EMULATOR=ministack"
  if ! localstack_running; then
    if port_taken "$PORT"; then
      fail "port $PORT is taken: set PORT to a free one, or AWS_ENDPOINT_URL=$endpoint to use what runs there"
    fi
    say "Starting LocalStack on $endpoint"
    trap stop_localstack EXIT
    PORT=$PORT with_progress "$log" docker compose up --detach --quiet-pull ||
      fail "LocalStack did not start: $(tail -n 1 "$log")"
  fi
  wait_until_it_answers 120
  trap - EXIT
}

stop_localstack() { PORT=$PORT docker compose down --volumes >/dev/null 2>&1 || true; }

case ${1:-} in
  start)
    case $EMULATOR in
      ministack) start_ministack ;;
      localstack) start_localstack ;;
      *) fail "EMULATOR is $EMULATOR: set it to ministack or localstack" ;;
    esac
    ;;
  stop)
    if [ -f "$pid_file" ]; then stop_ministack; fi
    if [ "$EMULATOR" = localstack ]; then stop_localstack; fi
    ;;
  running) if [ "$EMULATOR" = localstack ]; then localstack_running; else running; fi ;;
  endpoint) echo "$endpoint" ;;
  *) fail "usage: $0 start|stop|running|endpoint" ;;
esac
