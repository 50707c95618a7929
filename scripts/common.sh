# shellcheck shell=bash
# common.sh   Functions and variables of the other scripts: paths, messages, progress, local
# deployment.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
LOCAL=$ROOT/.local
VENV=$LOCAL/venv
# The packaged functions and a template that refers to the packages: see functions.py.
export BUILT=$LOCAL/built
STACK=${STACK:-serverlesspresso}
EMULATOR=${EMULATOR:-ministack}
PORT=${PORT:-4566}
mkdir -p "$LOCAL"

export PATH="$VENV/bin:$HOME/.cargo/bin:$PATH"
# The environment and several configuration files of Cargo determine the target folder, so Cargo is
# asked for it. A script inherits the answer from the script that started it.
asked_for=$ROOT:${CARGO_TARGET_DIR:-}:${CARGO_BUILD_TARGET_DIR:-}
if [ "${TARGET_DIR_FOR:-}" != "$asked_for" ]; then
  TARGET_DIR=
  if command -v cargo >/dev/null 2>&1; then
    TARGET_DIR=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p') || true
  fi
  export TARGET_DIR=${TARGET_DIR:-${CARGO_TARGET_DIR:-$ROOT/target}} TARGET_DIR_FOR=$asked_for
fi
# This variable would make Cargo build for another machine, in another folder than the scripts read.
unset CARGO_BUILD_TARGET
export SAM_CLI_TELEMETRY=0 PIP_DISABLE_PIP_VERSION_CHECK=1
# Addresses of this machine must not be sent to a proxy. Each tool reads one of the two spellings,
# and few tools know networks or wildcards. .local/env contains these lines, too.
# shellcheck disable=SC2016
NO_PROXY_LINES='here="localhost,127.0.0.1,::1,[::1],.localhost,localhost.localstack.cloud,.localhost.localstack.cloud"
NO_PROXY="${NO_PROXY:-${no_proxy:-}}"
case ",$NO_PROXY," in ",*," | *",$here,"*) ;; *) NO_PROXY="${NO_PROXY:+$NO_PROXY,}$here" ;; esac
export NO_PROXY no_proxy="$NO_PROXY"
unset here'
eval "$NO_PROXY_LINES"
# boto3 and version 1 of the AWS CLI read AWS_DEFAULT_REGION alone; other tools prefer AWS_REGION.
if [ -n "${AWS_REGION:-}" ]; then export AWS_DEFAULT_REGION=$AWS_REGION; fi
# uv installs packages without bytecode, so Python must be able to write it at the first run of a
# tool.
unset PYTHONDONTWRITEBYTECODE

say() {
  if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    printf '\033[1m== %s\033[0m\n' "$*"
  else
    printf '== %s\n' "$*"
  fi
}
note() { printf '   %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# need TOOL ADVICE   Fails with ADVICE if TOOL is not installed.
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing: $2"; }

need_rust() { need cargo "install Rust (see rustup), then open a new shell"; }

# Extended regular expression of an escape sequence that sets a colour.
COLOR=$'\033\\[[0-9;]*m'

# with_progress LOG COMMAND…   Runs COMMAND with its output in LOG. Meanwhile prints a line every 2
# s, or on a terminal updates one line every second.
with_progress() {
  local log=$1 status=0 reporter
  shift
  : >"$log"
  report_progress "$log" &
  reporter=$!
  CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$reporter" 2>/dev/null || true
  wait "$reporter" 2>/dev/null || true
  if [ -t 1 ]; then printf '\r\033[K'; fi
  return "$status"
}

report_progress() {
  local log=$1 started=$SECONDS pause=2 form='   %s%s s\n' counted
  if [ -t 1 ]; then pause=1 form='\r\033[K   %s%s s'; fi
  # Redirected, so that the sleep does not hold a pipe open after the command has ended.
  while sleep "$pause" >/dev/null 2>&1; do
    kill -0 $$ 2>/dev/null || return 0
    # Progress as Cargo prints it; empty if the command is not Cargo.
    counted=$(tail -c 2000 "$log" | tr '\r' '\n' | sed -n 's/.*\] \([0-9]*\)\/\([0-9]*\).*/\1 of \2 compiled, /p' | tail -n 1)
    # shellcheck disable=SC2059
    printf "$form" "$counted" "$((SECONDS - started))"
  done
}

# compile ARGUMENT…   Runs cargo and shows its progress, then prints only its warnings and errors.
compile() {
  local log=$LOCAL/cargo.log status=0 color=never
  local verbs='Blocking|Building|Compiling|Downloaded|Downloading|Executable|Finished|Fresh|Locking|Running|Updating'
  if [ -t 2 ]; then color=always; fi
  CARGO_TERM_COLOR=$color with_progress "$log" cargo "$@" || status=$?
  tr '\r' '\n' <"$log" | sed $'s/\033\\[K//g' |
    grep -vE "^($COLOR)* +($verbs)($COLOR)* |^ *$" >&2 || true
  return "$status"
}

# with_heartbeat COMMAND…   Prints the output of COMMAND, and the elapsed time after each 3 s
# without output.
with_heartbeat() {
  local started=$SECONDS line status
  "$@" 2>&1 | while true; do
    status=0
    IFS= read -r -t 3 line || status=$?
    if [ "$status" -eq 0 ]; then
      printf '%s\n' "$line"
    elif [ "$status" -gt 128 ]; then
      [ -z "$line" ] || printf '%s\n' "$line"
      note "$((SECONDS - started)) s"
    else
      [ -z "$line" ] || printf '%s\n' "$line"
      break
    fi
  done
}

# install_python ARGUMENT…   Installs hashed Python packages with uv, which does not read the
# configuration of pip. Requires the tools of tools.sh. VENV_OF=FOLDER names another environment.
install_python() {
  local index
  index=$("$VENV/bin/pip" config list | sed -n "s/.*\.index-url='\(.*\)'/\1/p" | tail -n 1)
  if [ -n "$index" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
  UV_SYSTEM_CERTS=1 VIRTUAL_ENV=${VENV_OF:-$VENV} "$VENV/bin/uv" pip install --no-deps --require-hashes "$@"
}

# answers URL   Succeeds on any HTTP answer, because emulators have different health pages.
answers() { curl --silent --output /dev/null --max-time 2 "$1" 2>/dev/null; }

# is_ministack URL   Succeeds for MiniStack, the only emulator with this health page.
is_ministack() {
  local url=$1/_ministack/health
  [ "$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$url")" = 200 ]
}

# port_taken PORT   Succeeds if a process listens on PORT of this machine.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints the architecture of this machine, as AWS names it.
host_architecture() {
  case $(uname -m) in
    x86_64 | amd64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "Lambda has no architecture $(uname -m): use an x86_64 or arm64 machine" ;;
  esac
}

# realtime   Prints websocket or none: REALTIME if it is set. LocalStack has no WebSocket APIs.
realtime() {
  if [ -n "${REALTIME:-}" ]; then
    echo "$REALTIME"
  elif [ -z "${AWS_ENDPOINT_URL:-}" ] || is_ministack "$AWS_ENDPOINT_URL"; then
    echo websocket
  else
    echo none
  fi
}

# live_address   Prints the address below which the emulator serves WebSocket APIs; nothing on AWS.
live_address() {
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then echo "ws${AWS_ENDPOINT_URL#http}/_aws/execute-api"; fi
}

# write_parameters JWKS FILE ARCHITECTURE   Writes the parameters of a stack that trusts the tokens
# of presso. FILE must end with .yaml for SAM; its content is JSON, which is also YAML.
write_parameters() {
  python - "$@" "$(realtime)" "$(live_address)" <<'PYTHON'
import json, sys

keys, target, architecture, realtime, live_address = sys.argv[1:]
with open(keys) as file:
    jwks = json.dumps(json.load(file), separators=(",", ":"))
parameters = {
    "Architecture": architecture,
    "IdentityProvider": "local",
    "JwtIssuer": "presso-local",
    "JwtAudience": "presso-local",
    "JwtJwks": jwks,
    "Realtime": realtime,
    "LiveAddress": live_address,
}
with open(target, "w") as file:
    json.dump(parameters, file, indent=2)
PYTHON
}

# deploy_locally STACK TEMPLATE PARAMETER…   Deploys to the emulator at AWS_ENDPOINT_URL.
deploy_locally() {
  local stack=$1 template=$2 log=$LOCAL/deploy-$1.log started=$SECONDS
  shift 2
  say "Deploying the stack $stack to $AWS_ENDPOINT_URL"
  # LocalStack also resolves references to resources that a false condition leaves out: those in the
  # API, and, when a stack is updated, those in API Gateway's account. So these resources are
  # removed from the template.
  if ! is_ministack "$AWS_ENDPOINT_URL"; then
    local core=${template%.yaml}-core.yaml
    python "$ROOT/scripts/functions.py" without HasRealtime "$template" "$core"
    python "$ROOT/scripts/functions.py" without SetsGatewayLogRole "$core" "$core"
    template=$core
  fi
  # By default SAM polls CloudFormation every 5 s. An emulator has no rate limit, so SAM may poll
  # faster.
  SAM_CLI_POLL_DELAY=0.5 with_progress "$log" sam deploy --config-file "$ROOT/samconfig.toml" --config-env local \
    --stack-name "$stack" --template-file "$template" --parameter-overrides "$@" || {
    tail -n 5 "$log" >&2
    fail "sam deploy failed; its output is in $log"
  }
  is_ministack "$AWS_ENDPOINT_URL" || deploy_stage "$stack"
  note "deployed in $((SECONDS - started)) s"
}

# Deploys the API to its stage again: LocalStack's CloudFormation deletes the API's earlier
# deployment, to which the stage still refers.
deploy_stage() {
  python - "$1" <<'PYTHON'
import boto3, sys

resource = boto3.client("cloudformation").describe_stack_resource(StackName=sys.argv[1], LogicalResourceId="Api")
api = resource["StackResourceDetail"]["PhysicalResourceId"]
boto3.client("apigateway").create_deployment(restApiId=api, stageName="v1")
PYTHON
}

# release   Prints a name for a deployment to AWS: the time in hexadecimal, and the commit. SAM
# accepts only letters and digits, and compares the first ten characters.
release() {
  local commit
  commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
  printf '%x%s\n' "$(date +%s)" "$commit"
}

# use_endpoint URL   Sets the environment with which every tool reaches the emulator at URL. Removes
# AWS profiles, so that a local deployment cannot reach AWS.
use_endpoint() {
  export AWS_ENDPOINT_URL=$1 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
  unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
}
