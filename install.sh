#!/bin/sh
# Installs dbus-tinybms on a GX device and looks after it there; builds and shows it on a computer.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat <<'TEXT'
install.sh COMMAND [ARGUMENTS]

On the GX device:
  install [FILE]       install, or update to, the archive FILE or the folder of this script
  update FILE          as install; the old version returns if the new one does not work
  rollback             return to the version before
  uninstall [--purge]  remove everything but, without --purge, configuration and history
  enable, disable      start now and at boot; stop and do not
  status               what is installed and how it is
  doctor [--json]      look for what is wrong and say what to do
  config               show the serial adapters and choose one; config --help tells more
  backup FILE          save configuration and history to FILE
  restore FILE         take them from FILE
  gateway install [FILE] | update FILE | enable [--lan] | disable | status | uninstall [--purge]
                       the web page, REST and MQTT, a package of its own
  gateway set NAME=VALUE... | password | mqtt-password | token NAME read|write
                       change its configuration, its passwords; make a token for a program

On a computer:
  install HOST         copy this package to the GX device HOST over ssh and install it there
  demo [--page]        run the service against a simulated battery; with the web page too
  package [FOLDER]     build the release archives, into dist by default
  gateway package [FOLDER]   likewise the gateway's
  gateway install HOST       copy the gateway to the GX device HOST and install it there
TEXT
}

load() {
	# shellcheck source=service/lib/common.sh
	. "$here/service/lib/common.sh"
	# shellcheck source=service/lib/services.sh
	. "$here/service/lib/services.sh"
	# shellcheck source=service/lib/ports.sh
	. "$here/service/lib/ports.sh"
	# shellcheck source=service/lib/versions.sh
	. "$here/service/lib/versions.sh"
	# shellcheck source=service/lib/watch.sh
	. "$here/service/lib/watch.sh"
	# shellcheck source=service/lib/commands.sh
	. "$here/service/lib/commands.sh"
	# shellcheck source=service/lib/config.sh
	. "$here/service/lib/config.sh"
	# shellcheck source=service/lib/doctor.sh
	. "$here/service/lib/doctor.sh"
	# shellcheck source=service/lib/gateway.sh
	. "$here/service/lib/gateway.sh"
	# shellcheck source=service/lib/remote.sh
	. "$here/service/lib/remote.sh"
}

command=${1:-help}
[ $# = 0 ] || shift

case $command in
demo) exec "$here/tests/demo.sh" "$@" ;;
package) exec "$here/ext/package.sh" "$@" ;;
gateway)
	if [ "${1:-}" = package ]; then
		shift
		exec "$here/ext/gateway_package.sh" "$@"
	fi
	load
	command_gateway "$@"
	;;
install | update | rollback | uninstall | enable | disable | status | doctor | config | backup | restore | boot)
	load
	"command_$command" "$@"
	;;
help | -h | --help) usage ;;
*)
	echo "install.sh: unknown command $command" >&2
	usage >&2
	exit 2
	;;
esac
