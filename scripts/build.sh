#!/usr/bin/env bash
# build.sh [CONFIG-ENV]   Builds the functions for AWS with SAM, for the architecture that this
# environment of samconfig.toml names, or else the template's default.
. "$(dirname "$0")/common.sh"

environment=${1:-default}
[ "$environment" != local ] || fail "make up builds for this machine; make build is for AWS"
need_rust
"$ROOT/scripts/tools.sh"

# Prints the architecture for which the functions are built.
architecture() {
  python - "$environment" <<'PYTHON'
import pathlib, re, sys, tomllib

settings = tomllib.loads(pathlib.Path("samconfig.toml").read_text()).get(sys.argv[1], {})
overrides = settings.get("build", {}).get("parameters", {}).get("parameter_overrides", [])
prefix = "Architecture="
named = [value.removeprefix(prefix) for value in overrides if value.startswith(prefix)]
form = re.compile(r"^  Architecture:\n(?:    .*\n)*?    Default: (\w+)", re.MULTILINE)
print(named[0] if named else form.search(pathlib.Path("template.yaml").read_text())[1])
PYTHON
}

say "Building the functions for AWS (the first build takes many minutes)"
log=$LOCAL/build.log
started=$SECONDS
built_for=$(architecture)
# SAM builds one function after the other, each partly on one core. So cargo-lambda builds all at
# once first, and SAM only copies the results.
compile lambda build --release "--${built_for/x86_64/x86-64}" || fail "the functions do not compile"
with_progress "$log" sam build --config-env "$environment" || {
  grep -E '^(error|warning: unused|Error|  *-->)' "$log" >&2 || tail -n 20 "$log" >&2
  fail "sam build failed; its output is in $log"
}
note "built in $((SECONDS - started)) s"
