#!/usr/bin/env bash
# Installs with apt what the tests need on a fresh Debian 12 machine with Node 20 and npm. Installed packages are left alone.
# Then with npm, each into its own folder: what the benchmark is compared with, and what the recorder needs.
set -euo pipefail
root="$(dirname "$0")/.."

packages=(
	mosquitto mosquitto-clients victoria-metrics influxdb socat openssl python3-jinja2 python3-prometheus-client python3-yaml
	chromium
	gcc gcc-multilib make gcc-xtensa-lx106 picolibc-xtensa-lx106-elf qemu-system-misc
)
# The second word says what the packages are for.
install() {
	if [ ! -e "$1/node_modules/.package-lock.json" ] || [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
		echo "setup: npm installs $2"
		(cd "$1" && npm ci --silent)
	fi
}
install "$root/tools/bench" "what the benchmark is compared with"
install "$root/recorder" "what the recorder needs"
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
# Debian would start a broker and two engines as soon as they are installed. The tests start their own, on ports that are free.
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
