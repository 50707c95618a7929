#!/usr/bin/env bash
# serve.sh start | stop
# start  serves the pages of the running bar at http://localhost:8080 or the next free port, and
#        prints a link for each screen. LAN=192.168.1.20 also serves the pages at this address, for
#        phones on the same network, and prints no links for staff unless STAFF=1.
# stop   ends that program, the process in .local/serve.pid
. "$(dirname "$0")/common.sh"

pid_file=$LOCAL/serve.pid
log=$LOCAL/serve.log
links=$LOCAL/links

# Succeeds if the program of an earlier start still runs.
running() {
  [ -f "$pid_file" ] && ps -o command= -p "$(cat "$pid_file")" 2>/dev/null | grep -q 'presso serve'
}

stop() {
  if running; then
    local pid
    pid=$(cat "$pid_file")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  rm -f "$pid_file" "$links"
}

start() {
  stop
  [ -f "$LOCAL/env" ] || fail "no local stack is running: make up"
  . "$LOCAL/env"
  local options=()
  if [ -n "${LAN:-}" ]; then options+=("--lan=$LAN"); fi
  if [ -n "${STAFF:-}" ]; then options+=(--staff); fi
  # The links contain secrets.
  umask 077
  # Job control gives the program a process group of its own, which Ctrl-C does not reach.
  set -m
  nohup presso serve ${options[@]+"${options[@]}"} >"$links" 2>"$log" </dev/null &
  local pid=$!
  set +m
  echo "$pid" >"$pid_file"
  disown "$pid" 2>/dev/null || true
  # Until exec the process has the name of the shell, so running() does not recognise it.
  for _ in $(seq 50); do
    running && break
    sleep 0.05
  done
  local started=$SECONDS
  until grep -q '^order ' "$links"; do
    running || fail "presso serve ended: $(tail -n 2 "$log")"
    [ "$((SECONDS - started))" -lt 30 ] || fail "presso serve printed no links in 30 s: see $log"
    sleep 0.1
  done
  local order
  order=$(sed -n 's/^order //p' "$links")
  grep -v '^export PAGES_URL=' "$LOCAL/env" >"$LOCAL/env.new"
  echo "export PAGES_URL=${order%/order#*}" >>"$LOCAL/env.new"
  mv "$LOCAL/env.new" "$LOCAL/env"
  grep -v '^serving ' "$log" || true
  cat "$links"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *) fail "usage: serve.sh start | stop" ;;
esac
