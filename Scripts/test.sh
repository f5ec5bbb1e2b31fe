#!/usr/bin/env bash
# Every test in the order in which it is cheapest to fail. Each step prints its time; the last line is
# `N passed, N failed` over all steps.
#   Scripts/test.sh               all
#   Scripts/test.sh unit http     some; `build` comes first by itself
set -uo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
all=(lint sources scripts pages build unit store postgres simulation tsan http system acceptance browser release faults)
logs=${TEST_LOGS:-.build/test-logs}
passed=0
failed=0
skipped=0
broken=()
started=$SECONDS
# The same order of sets and dictionaries in every run.
export SWIFT_DETERMINISTIC_HASHING=1

# How many tests of a store run at once: a caller that stands in line behind a hundred others gives up, as it should.
width=16

# Small tests of the web module that have a minute.
short='SyncWebTests\.(WebServerTests|FreshAnswersTests)'

# Leaves out what goes well; VERBOSE=1 shows all, and the logs hold all.
quietly() {
    if [[ ${VERBOSE:-} ]]; then cat; return; fi
    sed -u -E -e '/^✔ Test run with /b' -e '/^(◇|✔ (Test|Suite)|➜) /d' -e '/^\[[0-9]+\/[0-9]+\] /d'
}

# run NAME COMMAND...: shows and keeps the output; the status is that of the command.
run() {
    local name=$1 from=$SECONDS status
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$logs/$name.log" | quietly
    status=${PIPESTATUS[0]}
    echo "-- $name: $((SECONDS - from)) s$([[ $status -eq 0 ]] || echo ', FAILED')"
    return "$status"
}

# count NAME STATUS PASSED FAILED: a step that failed without a failed test counts as one.
count() {
    local name=$1 status=$2 good=$3 bad=$4
    if [[ $status -ne 0 && $bad -eq 0 ]]; then bad=1; fi
    if [[ $bad -ne 0 ]]; then broken+=("$name"); fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

# A step that is one check.
check() {
    local name=$1 status=0
    run "$@" || status=$?
    count "$name" "$status" $((status == 0)) 0
    return "$status"
}

# swift_tests NAME FILTER [OPTION...]: tests of the built package.
swift_tests() {
    local name=$1 filter=$2 status=0 log=$logs/$1.log total bad off
    shift 2
    run "$name" "$swift" test --skip-build --disable-xctest --filter "$filter" "$@" || status=$?
    total=$(sed -nE 's/^[^ ]+ Test run with ([0-9]+) tests? .* (passed|failed) after .*/\1/p' "$log" | tail -1)
    bad=$(grep -E '^✘ Test .* failed after [0-9.]+ seconds' "$log" | grep -cv '^✘ Test run with ')
    off=$(grep -cE '^➜ Test .* skipped' "$log")
    if [[ -z $total ]]; then
        echo "The tests of $name ended without a summary."
        status=1
        total=$((bad + off))
    elif [[ $total -eq 0 ]]; then
        echo "No test of $name ran."
        status=1
    fi
    skipped=$((skipped + off))
    count "$name" "$status" $((total - bad - off)) "$bad"
}

# python_tests NAME COMMAND...: what ends like unittest (`Ran N tests`, perhaps `failures=N, errors=N`), or with
# `N passed, N failed`.
python_tests() {
    local name=$1 status=0 log=$logs/$1.log total bad
    run "$@" || status=$?
    total=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p; s/^([0-9]+) passed, ([0-9]+) failed$/\1\n\2/p' "$log" | add)
    bad=$({ grep -E '^FAILED \(' "$log" | grep -oE '(failures|errors)=[0-9]+' | cut -d= -f2
        sed -nE 's/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$log"; } | add)
    if [[ $total -eq 0 && $status -eq 0 ]] && ! grep -q '^Skipped: ' "$log"; then
        echo "No test of $name ran."
        status=1
    fi
    count "$name" "$status" $((total - bad)) "$bad"
}

add() { awk '{ sum += $1 } END { print sum + 0 }'; }

lint() { "$swift" format lint --strict --parallel --recursive Sources Tests Package.swift; }

build() {
    # Warnings are errors by the manifest.
    "$swift" build --build-tests --explicit-target-dependency-import-check error
}

# A build of its own, and everything is ten times slower: fewer seeds. One race fails the run.
tsan() {
    local scratch=(--scratch-path .build-tsan --sanitize=thread)
    check tsan-build "$swift" build --build-tests "${scratch[@]}" || return
    SLUICE_SEEDS=${SLUICE_SEEDS:-40} \
        swift_tests tsan '^(SyncCoreTests|ConnectorsTests|SyncEngineTests)\.' "${scratch[@]}"
}

# The binary that people get, as `make release` builds it.
is_released=0
needs_release() {
    if [[ $is_released -eq 1 ]]; then return; fi
    check release-build "$swift" build -c release --product sluice --static-swift-stdlib || return
    is_released=1
}

# Real processes, signals and servers that break; some servers are its own. SLUICE_BINARY names a binary that is there.
faults() {
    if [[ ! ${SLUICE_BINARY:-} ]]; then needs_release || return; fi
    python_tests faults python3 Scripts/torture.py
}

is_built=0
needs_build() {
    if [[ $is_built -eq 1 ]]; then return; fi
    check build build || finish
    is_built=1
}

# One throw-away PostgreSQL for all steps that need one, unless the caller has named one. It ends with its input, so
# with us, however we end.
needs_postgres() {
    if [[ ${SLUICE_TEST_POSTGRES:-} || ${no_postgres:-} ]]; then return; fi
    coproc postgres {
        exec python3 Scripts/postgres.py serve --fast --conf max_connections=500 2>"$logs/postgres-server.log"
    }
    postgres_pid=$!
    local line=
    read -r line <&"${postgres[0]}"
    # Tests make databases and roles of their own.
    SLUICE_TEST_POSTGRES=$(sed -nE 's/.*"admin": "([^"]*)".*/\1/p' <<<"$line")
    if [[ $SLUICE_TEST_POSTGRES ]]; then
        export SLUICE_TEST_POSTGRES
        needs_pooler
        return
    fi
    # Mandatory when CI=true, like the SDKs.
    no_postgres=1
    echo "PostgreSQL did not start: $line $(<"$logs/postgres-server.log")"
    if [[ ${CI:-} == true ]]; then count postgres-server 1 0 0; else echo "Its tests are skipped."; fi
}

# PgBouncer before that server. It ends with its input, too.
needs_pooler() {
    local facts=$logs/pooler.json pause
    : >"$facts"
    exec {pooler}> >(exec python3 Scripts/postgres.py bouncer "$SLUICE_TEST_POSTGRES" >"$facts" 2>"$logs/pooler.log")
    for pause in {1..100}; do
        if [[ -s $facts ]]; then break; fi
        sleep 0.1
    done
    SLUICE_TEST_PGBOUNCER=$(sed -nE 's/^\{"url": "([^"]*)".*/\1/p' "$facts")
    if [[ $SLUICE_TEST_PGBOUNCER ]]; then
        export SLUICE_TEST_PGBOUNCER
    else
        echo "PgBouncer did not start: $(<"$facts") $(<"$logs/pooler.log")"
        if [[ ${CI:-} == true ]]; then count pooler 1 0 0; else echo "Its tests are skipped."; fi
    fi
}

end_postgres() {
    if [[ ! ${postgres_pid:-} ]]; then return; fi
    kill "$postgres_pid" 2>/dev/null
    wait "$postgres_pid" 2>/dev/null
}
trap end_postgres EXIT

step() {
    case $1 in
        lint) check lint lint ;;
        sources)
            check sources python3 Scripts/check-sources.py
            check web-assets python3 Scripts/web-assets.py --check
            ;;
        scripts) python_tests scripts python3 -m unittest discover -s Scripts/tests ;;
        pages) python_tests pages Scripts/pages.sh ;;
        build) needs_build ;;
        unit) needs_build && swift_tests unit '^(SyncCoreTests|ConnectorsTests)\.' ;;
        store)
            needs_build && needs_postgres && SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$width \
                swift_tests store '^(StoreConformanceTests|StoreTransferTests)\.'
            ;;
        postgres) needs_build && needs_postgres && swift_tests postgres '^StorePostgresTests\.' ;;
        simulation) needs_build && swift_tests simulation '^SyncEngineTests\.' ;;
        # Whatever has a minute comes first: beside a crowd of whole servers it would wait for the processor.
        http)
            needs_build
            swift_tests http "^(SyncHTTPTests\.|$short)"
            swift_tests web '^SyncWebTests\.' --skip "^$short"
            ;;
        system) needs_build && needs_postgres && swift_tests system '^SystemTests\.' ;;
        acceptance) needs_build && python_tests acceptance Scripts/acceptance.sh ;;
        browser) needs_build && python_tests browser Scripts/browser.sh ;;
        tsan) tsan ;;
        # And a first look at it.
        release) needs_release && check release-smoke Scripts/smoke.sh .build/release/sluice ;;
        faults) faults ;;
        *) echo "There is no step $1. Steps: ${all[*]}." >&2; exit 2 ;;
    esac
}

# What failed in a step, again at the end, where people and machines look first.
failures() {
    echo "== what failed in $1"
    grep -E -A 12 '^(✘ |FAILED |FAIL: |ERROR: |again: )|: error: ' "$logs/$1.log" | head -60
}

finish() {
    echo "== $((SECONDS - started)) s in all"
    local name
    for name in ${broken[@]+"${broken[@]}"}; do failures "$name"; done
    if [[ ${#broken[@]} -gt 0 ]]; then echo "FAILED: ${broken[*]}; the output is in $logs"; fi
    if [[ $skipped -gt 0 ]]; then echo "$skipped skipped"; fi
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
}

mkdir -p "$logs"
for name in "${@:-${all[@]}}"; do step "$name"; done
finish
