#!/usr/bin/env bash
# Journeys through the web page in a real browser: Chromium of the distribution, driven by Playwright from PyPI.
# Mandatory when CI=true; elsewhere skipped with a line that says why when one of the two cannot be had.
#   Scripts/browser.sh [PART OF A NAME...]
#   Scripts/browser.sh --screenshots [PART OF A NAME...]   pictures of all pages instead
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Tests/Browser/requirements.txt
python=.venv-browser/bin/python

install() {
    command -v "${SLUICE_CHROMIUM:-chromium}" >/dev/null || return
    # shellcheck source=Scripts/python-packages.sh
    source Scripts/python-packages.sh
    python_packages .venv-browser "$requirements"
}

if ! install; then
    if [[ ${CI:-} == true ]]; then
        echo "Chromium or $requirements could not be installed, and CI does not do without them." >&2
        exit 1
    fi
    echo "Skipped: Chromium or $requirements could not be installed. With a network: make test STEPS=browser"
    exit 0
fi

if [[ ${1:-} == --screenshots ]]; then
    shift
    exec "$python" Tests/Browser/screenshots.py "$@"
fi
exec "$python" Tests/Browser/journeys.py "$@"
