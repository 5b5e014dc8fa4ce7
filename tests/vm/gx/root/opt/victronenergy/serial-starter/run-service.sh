# Sourced by a service's run script, which has set tty and app: "start ARGUMENTS" runs app
# while the port's lock is held.
. /opt/victronenergy/serial-starter/functions.sh

start() {
	lock_tty "$tty" || exit 1
	trap 'unlock_tty "$tty"' EXIT
	"$app" "$@" &
	trap 'kill $!' TERM
	wait $!
	exit 129
}
