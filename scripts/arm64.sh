#!/usr/bin/env bash
# arm64.sh [build]   Builds the functions as for AWS, for arm64, checks which C library they need
# and runs each in QEMU. `build` only builds. BREAK=1 replaces one program by one that needs a newer
# C library; the check must refuse this program.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/tools.sh"
target=aarch64-unknown-linux-gnu
# The release profile and this architecture have their own target folder.
shipped=$TARGET_DIR/arm64
# Debian installs the C library for arm64 here.
libraries=/usr/aarch64-linux-gnu

# debian PACKAGE…   Installs packages of Debian. Fails unless root runs this and apt-get exists.
debian() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    fail "$* is missing: install it with your system's package manager (Debian's names)"
  fi
  say "Installing Debian's $* (once)"
  with_progress "$LOCAL/debian.log" install_debian "$@" || {
    tail -n 5 "$LOCAL/debian.log" >&2
    fail "$* could not be installed; the output is in $LOCAL/debian.log"
  }
}
install_debian() { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; }

# Prints the path of QEMU. Fails if it is not installed.
find_qemu() { command -v qemu-aarch64 || command -v qemu-aarch64-static; }

rustup target list --installed 2>/dev/null | grep -qx "$target" || rustup target add "$target" ||
  fail "the Rust target $target is missing: rustup target add $target"

as_shipped() { CARGO_TARGET_DIR=$shipped nice cargo lambda build --release --arm64; }
say "Building the functions as for AWS on arm64 (the first build takes many minutes)"
started=$SECONDS
with_progress "$LOCAL/build-arm64.log" as_shipped || {
  tail -n 20 "$LOCAL/build-arm64.log" >&2
  fail "the functions do not compile"
}
note "built in $((SECONDS - started)) s"
[ "${1:-}" != build ] || exit 0

find_qemu >/dev/null || debian qemu-user
[ -e "$libraries/lib/libc.so.6" ] || debian libc6-arm64-cross
say "Compiling the check"
compile build --workspace --bin arm64 || fail "the check does not compile"

built=$shipped/lambda
if [ "${BREAK:-}" = 1 ]; then
  built=$LOCAL/arm64-break
  rm -rf "$built"
  cp -R --symbolic-link "$shipped/lambda" "$built"
  rm "$built/config/bootstrap"
  # arc4random came with version 2.36 of the C library.
  printf '#include <stdlib.h>\nint main(void) { return (int)arc4random(); }\n' |
    python -m ziglang cc -target aarch64-linux-gnu.2.36 -x c - -o "$built/config/bootstrap"
fi
say "Checking and running the programs"
"$TARGET_DIR/debug/arm64" --built "$built" --emulator "$(find_qemu) -cpu neoverse-n1 -L $libraries"
