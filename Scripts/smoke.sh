#!/usr/bin/env bash
# A first look at a built binary, by itself in an empty folder: it needs no Swift on the machine, says its version,
# examines the machine, syncs a small simulated account, and finds nothing missing.
#   Scripts/smoke.sh BINARY
set -euo pipefail

binary=$(realpath "$1")
folder=$(mktemp -d)
sandbox_pid=
trap '[[ -z $sandbox_pid ]] || kill "$sandbox_pid" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# run COMMAND...: says what it does.
run() {
    echo "\$ sluice $*"
    "$binary" "$@"
}

if ldd "$binary" | grep -i swift; then
    echo "The binary needs libraries of Swift: was it built with --static-swift-stdlib?" >&2
    exit 1
fi
run --version
run doctor

coproc sandbox { exec "$binary" sandbox meta --world small; }
sandbox_pid=$!
declare -A facts=()
while [[ -z ${facts[account]:-} ]] && read -r name value <&"${sandbox[0]}"; do facts[$name]=$value; done
if [[ -z ${facts[account]:-} ]]; then
    echo "The sandbox did not start." >&2
    exit 1
fi
export SLUICE_META_TOKEN=${facts[token]} SLUICE_META_APP_SECRET=${facts[app_secret]}
sync=(sync meta --account "${facts[account]}" --base-url "${facts[url]}" --database smoke.sqlite)
run "${sync[@]}"
run "${sync[@]}" --json | grep '"status":"completed"'
run status --database smoke.sqlite
