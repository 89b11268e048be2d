#!/bin/sh
# Makes a virtual environment with the newest suitable Python of this machine: make-venv.sh FOLDER
set -eu
folder=$1
[ -x "$folder/bin/python" ] && exit 0
for name in python3.13 python3.12 python3.11 python3; do
  command -v "$name" >/dev/null 2>&1 || continue
  "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue
  "$name" -c 'import venv, ensurepip' 2>/dev/null || "$(dirname "$0")/install-packages.sh" python3-venv
  exec "$name" -m venv "$folder"
done
echo "Qaqpa needs Python 3.11, 3.12 or 3.13; this machine has: $(python3 --version 2>&1)" >&2
exit 1
