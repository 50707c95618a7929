#!/usr/bin/env bash
# build.sh [CONFIG-ENV]   builds the functions with SAM; for "local", for the host and without the slow last optimisations.
. "$(dirname "$0")/common.sh"

environment=${1:-default}
need_rust
"$ROOT/scripts/tools.sh"

parameters=()
if [ "$environment" = local ]; then
  weak_profile
  parameters=(--parameter-overrides "Architecture=$(host_architecture)")
fi

# architecture   what the functions are built for: as the environment of samconfig.toml says, or the template.
architecture() {
  python - "$environment" <<'PYTHON'
import pathlib, re, sys, tomllib

overrides = tomllib.loads(pathlib.Path("samconfig.toml").read_text()).get(sys.argv[1], {})
overrides = overrides.get("build", {}).get("parameters", {}).get("parameter_overrides", [])
named = [value.removeprefix("Architecture=") for value in overrides if value.startswith("Architecture=")]
default = re.search(r"^  Architecture:\n(?:    .*\n)*?    Default: (\w+)", pathlib.Path("template.yaml").read_text(), re.MULTILINE)
print(named[0] if named else default[1])
PYTHON
}

say "Building the functions (the first build takes long)"
log=$LOCAL/build.log
started=$SECONDS
built_for=$([ "$environment" = local ] && host_architecture || architecture)
# SAM builds one function after the other, and their last step uses one core each: what it finds built, it only copies.
cargo lambda build --quiet --release "--${built_for/x86_64/x86-64}" >"$log" 2>&1 || {
  cat "$log" >&2
  fail "the functions do not compile"
}
sam build --config-env "$environment" "${parameters[@]}" >>"$log" 2>&1 || {
  grep -E '^(error|warning: unused|Error|  *-->)' "$log" >&2 || tail -n 20 "$log" >&2
  fail "sam build failed: all of its output is in $log"
}
note "built in $((SECONDS - started)) s"
