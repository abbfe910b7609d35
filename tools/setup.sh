#!/usr/bin/env bash
# Installs with apt what the tests need on a fresh Debian 12 machine with Node 20 and npm. Installed packages are left alone.
# Then the packages that the benchmark is compared with, with npm, into its own folder.
set -euo pipefail
bench="$(dirname "$0")/bench"

packages=(
	mosquitto mosquitto-clients socat openssl python3-jinja2 python3-prometheus-client
	chromium
	gcc gcc-multilib make gcc-xtensa-lx106 picolibc-xtensa-lx106-elf qemu-system-misc
)
if [ ! -e "$bench/node_modules/.package-lock.json" ] || [ "$bench/package-lock.json" -nt "$bench/node_modules/.package-lock.json" ]; then
	echo "setup: npm installs what the benchmark is compared with"
	(cd "$bench" && npm ci --silent)
fi
missing=()
for package in "${packages[@]}"; do
	dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
	echo "setup: nothing to install"
	exit 0
fi
echo "setup: installing ${missing[*]}"
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
# Debian would start a broker on port 1883 as soon as it is installed. The tests start their own.
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
