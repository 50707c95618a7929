# shellcheck shell=bash
# stages.sh   Used by .ci/run and scripts/ci-long.sh: runs the stages of continuous integration,
# each with a time limit, and prints a table of them. The folders CACHE and LOG must exist.

# Pathspecs of the files that determine the deployed stack and its deployment.
STACK_INPUTS=(.ci .cargo Cargo.lock Cargo.toml Makefile crates events functions openapi.yaml
  rust-toolchain.toml samconfig.toml schemas scripts statemachines template.yaml)
# Pathspecs of the files that determine the shipped programs and how the bench runs one.
SHIPPED_INPUTS=(.cargo Cargo.lock Cargo.toml crates events functions proofs/bench proofs/harness
  rust-toolchain.toml scripts/common.sh scripts/requirements.txt scripts/requirements-uv.txt
  scripts/tools.sh statemachines template.yaml tools/client)
CLIENT_INPUTS=(tools/client tools/presso tools/workshop)

# Sets title, minutes, command and inputs of a stage. A stage with inputs is skipped if it has
# passed with the same inputs.
define() {
  inputs=()
  case $1 in
    check) title="make check" minutes=9 command=(make check) ;;
    test) title="make test" minutes=16 command=(make test) ;;
    web)
      title="screens" minutes=4 command=(make web-check)
      inputs=(Makefile functions/screens/pages openapi.yaml scripts web)
      ;;
    browser)
      title="screens in Chromium" minutes=12 command=(bash -c "make screens-test && make screens-speed")
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" web)
      ;;
    model)
      title="model" minutes=8 command=(make model)
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" proofs/harness proofs/model tests)
      ;;
    chaos)
      title="chaos, short" minutes=7 command=(env "CHAOS=${CHAOS:-short}" make chaos)
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" proofs/chaos proofs/harness)
      ;;
    cost)
      title="cost of an order" minutes=4 command=(make cost)
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" proofs/harness proofs/measure)
      ;;
    workshop)
      # Without page 7: the stages test, chaos and cost run a burst, a rush and the measurement of
      # cost. One wrong solution per page is enough here.
      title="workshop" minutes=18
      command=(make workshop-test "WORKSHOP=--pages 0,1,2,3,4,5,6 --attempts 1")
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" docs/workshop workshop)
      ;;
    mistakes)
      title="mistakes of readers" minutes=10
      command=(make workshop-test WORKSHOP=--mistakes)
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}" docs/workshop workshop)
      ;;
    site)
      title="site of the workshop" minutes=5 command=(make workshop)
      inputs=(docs scripts Makefile)
      ;;
    bench)
      title="bench" minutes=15 command=(make bench)
      inputs=("${SHIPPED_INPUTS[@]}" scripts/bench.sh)
      ;;
    localstack)
      # One whole order in the browser follows the suite.
      title="suite on LocalStack" minutes=15
      command=(env EMULATOR=localstack bash -c "make end-to-end && make screens-test ONLY=scanned")
      ;;
    *) define_aws "$1" ;;
  esac
}

# The stages of roles, alarms and arm64.
define_aws() {
  case $1 in
    # After the stage `test`, make roles does not run the suite again.
    roles) title="roles" minutes=4 command=(make roles) ;;
    alarms)
      title="alarms" minutes=4 command=(make alarms)
      inputs=("${STACK_INPUTS[@]}" "${CLIENT_INPUTS[@]}")
      ;;
    arm64)
      title="programs on arm64" minutes=20 command=(make arm64)
      inputs=("${SHIPPED_INPUTS[@]}" Makefile scripts/arm64.sh)
      ;;
    *) define_long "$1" ;;
  esac
}

# The stages of make ci-long.
define_long() {
  case $1 in
    chaos-long) title="chaos, long" minutes=15 command=(make chaos) ;;
    model-long) title="model, larger shops" minutes=12 command=(env MODEL_LONG=1 make model) ;;
    sbom) title="bills of materials" minutes=8 command=(make sbom) ;;
    growth) title="growth" minutes=8 command=(make growth) ;;
    burst) title="burst" minutes=4 command=(make burst) ;;
    workshop-long) title="workshop, everything" minutes=22 command=(make workshop-test) ;;
    *)
      printf 'error: there is no stage %s\n' "$1" >&2
      return 1
      ;;
  esac
}

failed_stages=0
table=()
began=$SECONDS

# Prints a digest of the stage's committed inputs, its command, the compiler and the machine. Prints
# nothing if the inputs in the working tree differ from the commit.
input_hash() {
  [ -z "$(git status --porcelain -- "${inputs[@]}")" ] || return 0
  { git ls-files --stage -- "${inputs[@]}" && rustc --version && uname -m && printf '%s\n' "${command[@]}"; } |
    sha256sum | cut -d' ' -f1
}

# passed_before NAME HASH   prints the latest commit at which the stage passed with the inputs of
# HASH. Fails if there is none.
passed_before() {
  [ -n "$2" ] && grep -s "^$2 " "$CACHE/passed/$1" | tail -n 1 | cut -d' ' -f2 | grep .
}

# row VERDICT SECONDS   adds a row for the current stage to the table.
row() { table+=("$(printf '%-24s %7s %8s  %s' "$title" "$(awk "BEGIN { printf \"%.1f\", $2 / 60 }")" "$minutes" "$1")"); }

# stage NAME   runs a stage, or prints the commit at which it passed with the same inputs.
stage() {
  local title minutes command inputs hash="" commit started=$SECONDS verdict=ok
  define "$1" || exit 2
  [ ${#inputs[@]} -eq 0 ] || hash=$(input_hash)
  if commit=$(passed_before "$1" "$hash"); then
    printf '\n#### %s: passed at %s, and its inputs are the same\n' "$title" "$commit"
    row "passed at $commit" 0
    return
  fi
  printf '\n#### %s (at most %s minutes)\n' "$title" "$minutes"
  timeout --kill-after=30 "${minutes}m" "${command[@]}" 2>&1 | tee -a "$LOG/all" || verdict=FAILED
  printf '#### %s: %s after %s s\n' "$title" "$verdict" "$((SECONDS - started))"
  row "$verdict" "$((SECONDS - started))"
  if [ "$verdict" = FAILED ]; then
    failed_stages=$((failed_stages + 1))
    return 1
  fi
  if [ -n "$hash" ]; then
    mkdir -p "$CACHE/passed"
    printf '%s %s\n' "$hash" "$(git rev-parse --short HEAD)" >>"$CACHE/passed/$1"
  fi
}

# skip_stage NAME REASON   adds a row for a stage that does not run.
skip_stage() {
  local title minutes command inputs
  define "$1" || exit 2
  printf '\n#### %s: skipped, %s\n' "$title" "$2"
  row "skipped: $2" 0
}

# report MINUTES TESTS   prints the table, with MINUTES as the limit of all stages, then the number
# of tests that passed and failed according to the output of the test runs. Fails if a stage or a
# test failed, or fewer than TESTS passed.
report() {
  local title="all stages" minutes=$1
  row "$([ "$failed_stages" = 0 ] && echo ok || echo "$failed_stages FAILED")" "$((SECONDS - began))"
  printf '\n%-24s %7s %8s  %s\n' stage minutes "at most" verdict
  printf '%s\n' "${table[@]}"
  awk -v stages="$failed_stages" -v tests="$2" '
    /^test result: / {
      for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) passed += $i; if ($(i + 1) ~ /^failed/) failed += $i }
    }
    # A test that failed and then passed was counted in both runs.
    /^UNSTEADY: .* failed once, then passed$/ { failed-- }
    END {
      if (stages && !failed) failed = stages
      printf "\n%d passed, %d failed\n", passed, failed
      exit (failed || stages || passed < tests)
    }
  ' "$LOG/all"
}
