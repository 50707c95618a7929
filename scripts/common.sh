# shellcheck shell=bash
# Sourced by the other scripts: where things lie, and how to say what is wrong in one line.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
LOCAL=$ROOT/.local
VENV=$LOCAL/venv
STACK=${STACK:-serverlesspresso}
EMULATOR=${EMULATOR:-ministack}
PORT=${PORT:-4566}
export TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
mkdir -p "$LOCAL"

export PATH="$VENV/bin:$HOME/.cargo/bin:$PATH"
export SAM_CLI_TELEMETRY=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

say() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\033[1m== %s\033[0m\n' "$*"; else printf '== %s\n' "$*"; fi; }
note() { printf '   %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# need TOOL WHAT-TO-DO
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing: $2"; }

need_rust() { need cargo "install Rust (see rustup), then open a new shell"; }

# Any answer will do: emulators differ in what they call themselves.
answers() { curl --silent --output /dev/null --max-time 2 "$1" 2>/dev/null; }

# is_ministack URL   MiniStack has a health page of its own besides LocalStack's.
is_ministack() { [ "$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$1/_ministack/health")" = 200 ]; }

# port_taken PORT
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The host's own architecture, in the words of AWS.
host_architecture() {
  case $(uname -m) in
    x86_64 | amd64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "$(uname -m) is no architecture that Lambda has: use an x86_64 or arm64 machine" ;;
  esac
}

# The last optimisations take minutes per function and change no behaviour.
weak_profile() { export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1; }

# write_parameters JWKS FILE ARCHITECTURE   the parameters of a stack whose users presso vouches for. JSON is YAML, and SAM wants the name of the latter.
write_parameters() {
  python - "$@" <<'PYTHON'
import json, sys

keys, target, architecture = sys.argv[1:]
with open(keys) as file:
    jwks = json.dumps(json.load(file), separators=(",", ":"))
parameters = {
    "Architecture": architecture,
    "IdentityProvider": "external",
    "JwtIssuer": "presso-local",
    "JwtAudience": "presso-local",
    "JwtJwks": jwks,
    "OrderPageUrl": "http://localhost:5173/order",
}
with open(target, "w") as file:
    json.dump(parameters, file, indent=2)
PYTHON
}

# deploy_locally STACK TEMPLATE PARAMETER…   deploys what was built to the emulator that AWS_ENDPOINT_URL names.
deploy_locally() {
  local stack=$1 template=$2 log=$LOCAL/deploy-$1.log started=$SECONDS
  shift 2
  say "Deploying the stack $stack to $AWS_ENDPOINT_URL"
  sam deploy --config-file "$ROOT/samconfig.toml" --config-env local --stack-name "$stack" --template-file "$template" \
    --parameter-overrides "$@" >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    fail "sam deploy failed: all of its output is in $log"
  }
  note "deployed in $((SECONDS - started)) s"
}

# What every tool needs to reach an emulator and nothing else: a stray profile must not send a local deployment to AWS.
use_endpoint() {
  export AWS_ENDPOINT_URL=$1 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
  unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
}
