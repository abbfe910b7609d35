#!/bin/sh
# Stands in for ESP-IDF's `idf.py` where its Python tools are not installed: `reconfigure` only turns the merged sdkconfig into the
# header that the SDK's makefile waits for. Enough to link the program; nothing is compiled for the chip.
for argument in "$@"; do
	case "$argument" in
		SDKCONFIG_DEFAULTS=*) defaults="${argument#*=}" ;;
		SDKCONFIG_HEADER=*) header="${argument#*=}" ;;
	esac
done
[ -n "$defaults" ] && [ -n "$header" ] || exit 0
mkdir -p "$(dirname "$header")"
sed -n -e 's/^\(CONFIG_[A-Z0-9_]*\)=y$/#define \1 1/p' -e '/=[yn]$/d' -e 's/^\(CONFIG_[A-Z0-9_]*\)=\(.*\)$/#define \1 \2/p' "$defaults" > "$header"
