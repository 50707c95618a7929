#!/usr/bin/env bash
# emulator.sh start | stop | endpoint
# Starts the local AWS on the loopback interface, or ends what it started: by the process group it wrote down, nothing else.
. "$(dirname "$0")/common.sh"

pid_file=$LOCAL/emulator.pid
log=$LOCAL/emulator.log
endpoint=http://127.0.0.1:$PORT

# The process of an earlier start, if it still is one.
running() {
  [ -f "$pid_file" ] || return 1
  local pid
  pid=$(cut -d' ' -f1 "$pid_file")
  ps -o command= -p "$pid" 2>/dev/null | grep -q ministack
}

stop_ministack() {
  local pid
  pid=$(cut -d' ' -f1 "$pid_file" 2>/dev/null || true)
  if running; then
    # Functions are its children and can outlive it: end the whole group.
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
  local seconds=$1 deadline=$((SECONDS + $1))
  until answers "$endpoint/_localstack/health"; do
    [ "$EMULATOR" != ministack ] || running || fail "MiniStack ended while it started: $(tail -n 1 "$log") (all of it in $log)"
    [ "$SECONDS" -lt "$deadline" ] || fail "$EMULATOR did not come up within $seconds s: look into $log"
    sleep 0.2
  done
}

start_ministack() {
  if running; then
    [ "$(cut -d' ' -f2 "$pid_file")" = "$PORT" ] || fail "MiniStack already runs on port $(cut -d' ' -f2 "$pid_file"): run make down first"
    return
  fi
  rm -f "$pid_file"
  if port_taken "$PORT"; then
    fail "port $PORT is taken: set PORT to a free one, or AWS_ENDPOINT_URL=$endpoint to use what runs there"
  fi
  say "Starting MiniStack on $endpoint"
  mkdir -p "$LOCAL/emulator"
  # Job control gives it a process group of its own, by which it is ended.
  set -m
  (
    cd "$LOCAL/emulator" || exit
    # Functions inherit this environment.
    exec env -u AWS_PROFILE -u AWS_SESSION_TOKEN BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 GATEWAY_PORT="$PORT" AWS_ENDPOINT_URL="$endpoint" \
      nohup "$VENV/bin/ministack"
  ) </dev/null >"$log" 2>&1 &
  local pid=$!
  set +m
  echo "$pid $PORT" >"$pid_file"
  trap stop_ministack EXIT
  # Until exec, the process still bears the name of the shell.
  for _ in $(seq 50); do
    running && break
    sleep 0.05
  done
  wait_until_it_answers 60
  trap - EXIT
  disown "$pid" 2>/dev/null || true
}

start_localstack() {
  need docker "EMULATOR=localstack runs LocalStack's image; or set AWS_ENDPOINT_URL to a LocalStack that already runs"
  docker info >/dev/null 2>&1 || fail "Docker does not answer: start it, or use EMULATOR=ministack, which needs none"
  if ! docker compose ps --status running --services 2>/dev/null | grep -qx localstack; then
    if port_taken "$PORT"; then
      fail "port $PORT is taken: set PORT to a free one, or AWS_ENDPOINT_URL=$endpoint to use what runs there"
    fi
    say "Starting LocalStack on $endpoint"
    trap stop_localstack EXIT
    PORT=$PORT docker compose up --detach --quiet-pull >"$log" 2>&1 || fail "LocalStack could not be started: $(tail -n 1 "$log")"
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
      *) fail "EMULATOR is $EMULATOR: say ministack or localstack" ;;
    esac
    ;;
  stop)
    if [ -f "$pid_file" ]; then stop_ministack; fi
    if [ "$EMULATOR" = localstack ]; then stop_localstack; fi
    ;;
  endpoint) echo "$endpoint" ;;
  *) fail "usage: $0 start|stop|endpoint" ;;
esac
