#!/usr/bin/env bash
# Deploys a second stack for the tests of time-outs: the same template and definition, with waits of 8 s, on a bus of its own.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

built=$ROOT/.aws-sam/build
definition=$built/order-processor-short-waits.asl.json
sed -e 's/"TimeoutSeconds": \(300\|900\)/"TimeoutSeconds": 8/' -e 's/ + \(300\|900\)000)/ + 8000)/' \
  statemachines/order-processor.asl.json >"$definition"
[ "$(grep -c '"TimeoutSeconds": 8' "$definition")" = 2 ] || fail "the waits of statemachines/order-processor.asl.json have moved: mend $0"
sed -e 's|DefinitionUri: .*order-processor.asl.json|DefinitionUri: order-processor-short-waits.asl.json|' \
  "$built/template.yaml" >"$built/template-short-waits.yaml"

deploy_locally "$STACK-short" "$built/template-short-waits.yaml" "file://$LOCAL/parameters.yaml"
