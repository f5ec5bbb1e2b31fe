#!/usr/bin/env bash
# What others have written, against ours: the `admitad` package and the official SDK of Meta from PyPI against the
# sandboxes, croniter and zoneinfo against the schedules, openpyxl and Python's own readers against exports, aiosmtpd
# and a receiver of webhooks against notices, schemathesis against the API as its own document tells of it; and walks
# through sandboxes along the fact sheets. Mandatory when CI=true; elsewhere skipped with a line that says why when the
# packages cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${SLUICE_BINARY:-.build/debug/sluice}
requirements=Tests/Acceptance/requirements.txt
python=.venv/bin/python
# shellcheck source=Scripts/python-packages.sh
source Scripts/python-packages.sh

if ! python_packages .venv "$requirements"; then
    if [[ ${CI:-} == true ]]; then
        echo "The SDKs of $requirements could not be installed, and CI does not do without them." >&2
        exit 1
    fi
    echo "Skipped: the SDKs of $requirements could not be installed. With a network: make acceptance"
    exit 0
fi

sandbox_pid=
trap 'kill "$sandbox_pid" 2>/dev/null || true' EXIT

# accept PLATFORM SCRIPT [ARGUMENT...]: runs the script against a sandbox of the platform's demo world.
accept() {
    local name value url=
    local -a printed=()
    # The sandbox prints what a client needs and ends with the account; scripts find it as SANDBOX_ACCOUNT and so on.
    coproc sandbox { exec "$binary" sandbox "$1" --world demo --port 0; }
    # shellcheck disable=SC2154 # coproc sets it
    sandbox_pid=$sandbox_PID
    while read -r name value <&"${sandbox[0]}"; do
        printed+=("SANDBOX_${name^^}=$value")
        if [[ $name == url ]]; then url=$value; fi
        if [[ $name == account ]]; then break; fi
    done
    if [[ -z $url ]]; then
        echo "The sandbox did not start: $binary sandbox $1" >&2
        return 1
    fi
    env "${printed[@]}" "$python" "${@:2}" "$url" || status=1
    kill "$sandbox_pid"
    wait "$sandbox_pid" || true
}

status=0
accept admitad Tests/Acceptance/admitad_client.py
accept meta Tests/Acceptance/meta_sdk.py
accept shopee Tests/Acceptance/walk_shopee.py
accept boostiny Tests/Acceptance/walk_boostiny.py
accept pancake Tests/Acceptance/walk_pancake.py
accept folkform Tests/Acceptance/walk_folkform.py
accept admitad Tests/Acceptance/walk_admitad.py
accept meta Tests/Acceptance/exports.py "$binary"
accept meta Tests/Acceptance/api.py "$binary"
accept meta Tests/Acceptance/notices.py "$binary"
"$python" Tests/Acceptance/schedules.py "$binary" || status=1
exit "$status"
