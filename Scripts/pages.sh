#!/usr/bin/env bash
# Every template with every sample: markup, texts without a translation, what the policy forbids, weight; and the script
# of the pages as a person uses it. Packages from PyPI, Chromium of the distribution. Mandatory when CI=true; elsewhere
# skipped with a line that says why when they cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Tests/WebPages/requirements.txt
python=.venv-pages/bin/python

install() {
    command -v "${SLUICE_CHROMIUM:-chromium}" >/dev/null || return
    # shellcheck source=Scripts/python-packages.sh
    source Scripts/python-packages.sh
    python_packages .venv-pages "$requirements"
}

if ! install; then
    if [[ ${CI:-} == true ]]; then
        echo "Chromium or $requirements could not be installed, and CI does not do without them." >&2
        exit 1
    fi
    echo "Skipped: Chromium or $requirements could not be installed. With a network: make test STEPS=pages"
    exit 0
fi

status=0
"$python" Tests/WebPages/preview.py --check || status=1
"$python" Tests/WebPages/script_check.py || status=1
exit "$status"
