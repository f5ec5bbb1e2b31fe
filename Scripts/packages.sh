#!/usr/bin/env bash
# Installs the system packages that are missing; silent when all are there.
#   Scripts/packages.sh        what the build needs
#   Scripts/packages.sh test   and what the tests need
#   Scripts/packages.sh bench  and what the measurements need
set -euo pipefail

wanted=(libpq-dev libsqlite3-dev libsimdjson-dev libxlsxwriter-dev libcurl4-openssl-dev zlib1g-dev)
# Debian starts a server and a pooler of its own when it installs the last two: idle, at their own ports. Tests start
# throw-away ones and need neither.
if [[ ${1:-} == test || ${1:-} == bench ]]; then wanted+=(python3-venv postgresql pgbouncer chromium); fi
if [[ ${1:-} == bench ]]; then wanted+=(hey); fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian: see to it that the equivalents of ${wanted[*]} are installed." >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    if [[ $status != installed ]]; then missing+=("$package"); fi
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing ${missing[*]}"
# The lists of a fresh machine are empty, and old ones name files that are gone.
if ! "${as_root[@]}" apt-get update -qq; then
    echo "The package lists could not be refreshed; trying with those that are there." >&2
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
