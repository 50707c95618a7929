#!/usr/bin/env bash
# build-local.sh   Compiles presso and the functions for this machine, and packages the functions
# for the emulator at AWS_ENDPOINT_URL. With BUILD=none, keeps the packages and writes the template
# that refers to them.
. "$(dirname "$0")/common.sh"

if [ "${BUILD:-}" = none ]; then
  python "$ROOT/scripts/functions.py" template "$BUILT"
  exit
fi
need_rust
"$ROOT/scripts/tools.sh"

programs=()
for name in $(python "$ROOT/scripts/functions.py" names); do programs+=(--bin "$name"); done

# in_container URL   Succeeds if the emulator at URL runs in a container. Its functions then run in
# containers, too.
in_container() {
  local port=${1##*:}
  command -v docker >/dev/null 2>&1 &&
    [ -n "$(docker ps --quiet --filter "publish=${port%%/*}" 2>/dev/null)" ]
}

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
started=$SECONDS
first=$([ -e "$TARGET_DIR/debug/order-projector" ] || echo " (minutes, the first time)")
say "Compiling presso and the functions$first"
compiled=$TARGET_DIR/debug/{}
selected=("${programs[@]}")
# A container of Amazon Linux 2023 has glibc 2.34. It may not start a program that is linked against
# the newer glibc of this machine, so cargo-lambda links against 2.34. The last optimisations take
# minutes and change no behaviour, so they are left out.
if in_container "${AWS_ENDPOINT_URL:-}"; then
  compiled=$TARGET_DIR/lambda/{}/bootstrap
  selected=()
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    compile lambda build --release --target "$(uname -m | sed s/arm64/aarch64/)-unknown-linux-gnu.2.34" ||
    fail "the functions do not compile"
fi
# The workshop passes its own presso in PRESSO, because the learner's bar does not contain presso.
[ -n "${PRESSO:-}" ] || selected+=(--bin presso)
if [ ${#selected[@]} -gt 0 ]; then
  compile build --workspace "${selected[@]}" || fail "the workspace does not compile"
fi
with_progress "$LOCAL/package.log" python "$ROOT/scripts/functions.py" package "$compiled" "$BUILT" || {
  cat "$LOCAL/package.log" >&2
  fail "the functions could not be packaged"
}
note "built in $((SECONDS - started)) s"
