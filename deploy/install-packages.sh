#!/bin/sh
# Installs the named Debian packages that are missing, asking for root once: install-packages.sh NAME ...
set -eu
missing=
for name in "$@"; do
  dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
done
[ -z "$missing" ] && exit 0
root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "As root, please run: apt-get install$missing" >&2; exit 1; }
  echo "Debian packages are missing:$missing. They need root, once."
  root=sudo
fi
# A fresh machine has no package lists yet.
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive sh -c \
  "apt-get update -qq && apt-get install -y -qq --no-install-recommends$missing" </dev/null
