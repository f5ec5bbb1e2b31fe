# Sourced: Python packages in a folder of their own.

# python_packages FOLDER REQUIREMENTS: installs them there, once for each version of the list; fails where they cannot
# be had.
python_packages() {
    local folder=$1 requirements=$2
    cmp --silent "$requirements" "$folder/installed" && return
    python3 -m venv "$folder" || return
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" || return
    cp "$requirements" "$folder/installed"
}
