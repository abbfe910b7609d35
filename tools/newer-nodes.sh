#!/usr/bin/env bash
# Tries the newer Nodes, where npm has them: the try-out sends two telegrams, and the quick tests of what touches Node itself pass.
set -euo pipefail
cd "$(dirname "$0")/.."

case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) machine=linux-x64 ;;
	Linux-aarch64) machine=linux-arm64 ;;
	*) echo "newer Nodes: npm has none for this machine" && exit 0 ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for version in 22 24; do
	node=(timeout 60 npm exec --yes --package="node-$machine@$version" -- node)
	if ! found=$("${node[@]}" --version 2>/dev/null); then
		echo "Node $version: npm does not have it here"
		continue
	fi
	if "${node[@]}" --import tsx simulator/start.ts --telegrams 2 --period 0.2 </dev/null >"$log" 2>&1 &&
		"${node[@]}" node_modules/vitest/vitest.mjs run tests/settings tests/gateway/arguments.test.ts tests/gateway/memory.test.ts >"$log" 2>&1; then
		echo "Node $found: well"
	else
		cat "$log"
		echo "Node $found: not well"
		exit 1
	fi
done
