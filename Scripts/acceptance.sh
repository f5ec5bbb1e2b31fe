#!/usr/bin/env bash
# Clients that we did not write, against the sandbox: the official facebook_business SDK from PyPI.
# Mandatory when CI=true; elsewhere skipped with a line that says why when the SDK cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."

sdk=facebook_business==26.0.3
binary=${SLUICE_BINARY:-.build/debug/sluice}
python=.venv/bin/python

has_sdk() {
    "$python" -c "import importlib.metadata as m; raise SystemExit(m.version('facebook_business') != '${sdk#*==}')" \
        2>/dev/null
}

get_sdk() {
    python3 -m venv .venv && "$python" -m pip install --quiet --disable-pip-version-check "$sdk"
}

if ! has_sdk && ! get_sdk; then
    if [[ ${CI:-} == true ]]; then
        echo "$sdk could not be installed, and CI does not do without it." >&2
        exit 1
    fi
    echo "Skipped: $sdk could not be installed. With a network, run make acceptance."
    exit 0
fi

SLUICE_BINARY=$PWD/${binary#"$PWD"/} exec "$python" -m unittest discover -s Tests/Acceptance -p '*.py' -v
