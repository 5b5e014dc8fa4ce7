#!/bin/sh
# Installs dbus-tinybms on a GX device, and builds and shows it on a computer.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat <<'TEXT'
install.sh COMMAND [ARGUMENTS]

On a computer:
  demo               run the service against a simulated battery
  package [FOLDER]   build the release archives, into dist by default
TEXT
}

command=${1:-help}
[ $# = 0 ] || shift

case $command in
demo) exec "$here/tests/demo.sh" "$@" ;;
package) exec "$here/ext/package.sh" "$@" ;;
help | -h | --help) usage ;;
*)
	echo "install.sh: unknown command $command" >&2
	usage >&2
	exit 2
	;;
esac
