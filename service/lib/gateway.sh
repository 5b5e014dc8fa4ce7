# shellcheck shell=sh
# shellcheck disable=SC2154 # the folders come from common.sh
# The gateway, a second package: web page, REST, MQTT. Off until it is enabled.
# Its versions and its state are apart from the service's, so that neither can harm the other.

gateway_app=$root/data/apps/available/tinybms-gateway
gateway_enabled=$root/data/apps/enabled/tinybms-gateway
gateway_conf=$conf/gateway
gateway_service=tinybms-gateway
gateway_user=nobody

gateway_state_get() { sed -n "s/^$1=//p" "$gateway_app/state" 2>/dev/null || :; }

# gateway_state_put ACTIVE PREVIOUS
gateway_state_put() {
	printf 'active=%s\nprevious=%s\n' "$1" "$2" | write_file "$gateway_app/state"
}

gateway_program() { echo "$gateway_app/versions/$(gateway_state_get active)/tinybms-gateway"; }

need_gateway() {
	[ -n "$(gateway_state_get active)" ] ||
		fail "the gateway is not installed; install.sh gateway install FILE does it"
}

# ---- its service ---------------------------------------------------------------------

gateway_start() {
	place "$gateway_service" "$gateway_app/versions/$(gateway_state_get active)/service"
	[ -L "$services/$gateway_service" ] || ln -s "/run/service/$gateway_service" "$services/$gateway_service"
}

# gateway_boot - at boot, with the other services.
gateway_boot() {
	[ ! -L "$gateway_enabled" ] || [ -z "$(gateway_state_get active)" ] || gateway_start
}

# gateway_runs - for three seconds at a stretch, within twenty.
gateway_runs() {
	steady=0 was='' tries=0
	while [ $tries -lt 20 ]; do
		sleep 1
		pid=$(service_pid "$gateway_service")
		if [ -n "$pid" ] && [ "$pid" = "$was" ]; then steady=$((steady + 1)); else steady=0; fi
		was=$pid
		[ $steady -lt 3 ] || return 0
		tries=$((tries + 1))
	done
	return 1
}

# ---- install and update --------------------------------------------------------------

# gateway_check FOLDER - all that must hold before it may run.
gateway_check() {
	check_package "$1" tinybms-gateway page/index.html
	[ -e "$gateway_conf/gateway.json" ] || return 0
	verdict=0
	answer=$("$1/tinybms-gateway" --config "$gateway_conf/gateway.json" --check 2>&1) || verdict=$?
	case $verdict in
	0) ;;
	3) say "$answer" ;; # the dates of a certificate: it runs all the same
	*) fail "the new version does not accept $gateway_conf/gateway.json: $answer" ;;
	esac
}

gateway_install() {
	source=$(find_source "${1:-$here}" tinybms-gateway)
	check_space
	mkdir -p "$gateway_app/versions" || fail "/data cannot be written"
	rm -rf "$gateway_app"/versions/.new.*
	staged=$gateway_app/versions/.new.$$
	trap 'rm -rf "$staged" "$staged.inner"; gateway_remove_empty; rm -f "$root/run/dbus-tinybms.lock"' EXIT
	unpack "$source" "$staged"
	gateway_check "$staged"
	id=$(id_of "$staged")
	active=$(gateway_state_get active)
	if [ "$id" = "$active" ] && (cd "$gateway_app/versions/$id" && sha256sum -c MANIFEST >/dev/null 2>&1); then
		rm -rf "$staged"
		say "The gateway $active is installed already."
		return
	fi
	rm -rf "$gateway_app/versions/$id"
	sync
	mv "$staged" "$gateway_app/versions/$id" || fail "$gateway_app/versions cannot be written"
	sync
	[ "$id" != "$active" ] || active=$(gateway_state_get previous)
	gateway_switch "$id" "$active"
}

# gateway_switch NEW OLD - the old one returns if the new one does not stay up.
gateway_switch() {
	gateway_state_put "$1" "$2"
	if [ ! -L "$gateway_enabled" ]; then
		gateway_prune
		say "The gateway $1 is installed and off; install.sh gateway enable starts it."
		return
	fi
	gateway_start
	svc -t "$running/$gateway_service" 2>/dev/null || :
	if gateway_runs; then
		gateway_prune
		say "The gateway $1 runs."
	elif [ -n "$2" ] && [ -d "$gateway_app/versions/$2" ]; then
		gateway_state_put "$2" ''
		gateway_start
		svc -t "$running/$gateway_service" 2>/dev/null || :
		gateway_prune
		fail "the gateway $1 does not stay up (see $logs/$gateway_service/current); $2 runs again"
	else
		fail "the gateway $1 does not stay up; see $logs/$gateway_service/current"
	fi
}

gateway_prune() {
	for folder in "$gateway_app"/versions/* "$gateway_app"/versions/.new.*; do
		case ${folder##*/} in
		"$(gateway_state_get active)" | "$(gateway_state_get previous)") ;;
		*) rm -rf "$folder" ;;
		esac
	done
}

gateway_remove_empty() {
	for folder in "$gateway_app/versions" "$gateway_app"; do
		rmdir "$folder" 2>/dev/null || :
	done
}

# ---- off and on ----------------------------------------------------------------------

# gateway_ctl ARGUMENTS... - the program, with the configuration that is in force.
gateway_ctl() {
	mkdir -p "$gateway_conf" || fail "/data cannot be written"
	"$(gateway_program)" --config "$gateway_conf/gateway.json" "$@"
}

# gateway_read PROMPT - a line that nobody sees, into $secret.
gateway_read() {
	if [ -t 0 ]; then
		printf '%s: ' "$1"
		stty -echo 2>/dev/null || :
	fi
	read -r secret || :
	if [ -t 0 ]; then
		stty echo 2>/dev/null || :
		echo
	fi
}

# gateway_password - there is none by default: it is asked for, or made and shown once.
gateway_password() {
	if [ -t 0 ]; then
		gateway_read 'Password for the page (at least 10 characters)'
	else
		secret=$(head -c 12 /dev/urandom | sha256sum | cut -c 1-16)
		say "The password is $secret . It is shown this once."
	fi
	printf '%s\n' "$secret" | gateway_ctl --set-password || fail "the password was not taken; try again"
}

# gateway_where - how a browser reaches the page.
gateway_where() {
	listen=$(sed -n 's/.*"listen":[[:space:]]*"\([^"]*\)".*/\1/p' "$gateway_conf/gateway.json")
	port=$(sed -n 's/.*"port":[[:space:]]*\([0-9]*\).*/\1/p' "$gateway_conf/gateway.json")
	scheme=http
	! grep -q '"tls_certificate":[[:space:]]*"[^"]' "$gateway_conf/gateway.json" || scheme=https
	case $listen in
	'' | 127.* | ::1)
		say "Its page is for this device alone, $scheme://127.0.0.1:${port:-8480}; install.sh gateway enable --lan lets other machines in."
		return
		;;
	0.0.0.0 | ::)
		listen=$(ip -4 -o addr show scope global 2>/dev/null | sed -n 's/.* inet \([0-9.]*\).*/\1/p' | head -n 1)
		;;
	*:*) listen="[$listen]" ;;
	esac
	say "Its page: $scheme://${listen:-ADDRESS OF THIS DEVICE}:${port:-8480}"
}

gateway_restart() {
	gateway_start
	svc -t "$running/$gateway_service" 2>/dev/null || :
	gateway_runs || fail "the gateway does not stay up; see $logs/$gateway_service/current"
}

# gateway_take_over - what has been changed.
gateway_take_over() {
	if [ -L "$gateway_enabled" ]; then
		gateway_restart
		say 'The gateway has started again with that.'
	else
		say 'That counts once the gateway is enabled.'
	fi
}

gateway_enable() {
	case ${1:-} in
	'' | --lan) ;;
	*) fail "gateway enable knows only --lan, which lets other machines reach the page" ;;
	esac
	# By the program, which follows no link: the folder belongs to a user without rights.
	[ -e "$gateway_conf/gateway.json" ] || gateway_ctl --set listen= || fail "/data cannot be written"
	[ -z "${1:-}" ] || gateway_ctl --set listen=0.0.0.0 || fail "gateway.json was not changed"
	[ -s "$gateway_conf/gateway-secrets.json" ] || gateway_password
	chown -hR "$gateway_user" "$gateway_conf"
	chmod 700 "$gateway_conf"
	mkdir -p "${gateway_enabled%/*}"
	[ -L "$gateway_enabled" ] || ln -s ../available/tinybms-gateway "$gateway_enabled"
	sync
	gateway_restart
	say "The gateway $(gateway_state_get active) runs, and starts at every boot."
	gateway_where
}

# gateway_set NAME=VALUE...
gateway_set() {
	[ $# -gt 0 ] || fail "gateway set needs NAME=VALUE, such as mqtt_enabled=true; the page and docs/gateway.md name the keys"
	for pair in "$@"; do
		set -- "$@" --set "$pair"
		shift
	done
	gateway_ctl "$@" || fail "nothing was changed"
	gateway_take_over
}

gateway_disable() {
	service_stop "$gateway_service"
	rm -f "$gateway_enabled"
	sync
}

# gateway_remove [--purge] - all of it; with --purge its configuration and password too.
gateway_remove() {
	gateway_disable
	rm -rf "$gateway_app" "${logs:?}/$gateway_service"
	[ "${1:-}" != --purge ] || rm -rf "$gateway_conf"
	sync
}

gateway_status() {
	active=$(gateway_state_get active)
	if [ -z "$active" ]; then
		say 'gateway: not installed'
	elif [ ! -L "$gateway_enabled" ]; then
		say "gateway: $active, off"
	elif [ -n "$(service_pid "$gateway_service")" ]; then
		say "gateway: $active, runs"
	else
		say "gateway: $active, does not run; see $logs/$gateway_service/current"
		return 1
	fi
}

command_gateway() {
	what=${1:-status}
	[ $# = 0 ] || shift
	case $what in
	install | update)
		if [ $# -gt 0 ] && [ ! -e "$1" ] && [ ! -d "$root/opt/victronenergy" ]; then
			remote_gateway "$1"
			return
		fi
		;;
	esac
	need_device
	need_installed
	case $what in
	status) gateway_status; return ;;
	install | update | uninstall | enable | disable | set | password | mqtt-password | token) take_lock ;;
	*) fail "gateway knows install, update, uninstall, enable, disable, status, set, password, mqtt-password, token, not $what" ;;
	esac
	case $what in
	install) gateway_install "$@" ;;
	update)
		need_gateway
		gateway_install "$@"
		;;
	enable)
		need_gateway
		gateway_enable "$@"
		;;
	disable)
		need_gateway
		gateway_disable
		say 'The gateway is off; install.sh gateway enable starts it again.'
		;;
	set)
		need_gateway
		gateway_set "$@"
		;;
	password)
		need_gateway
		gateway_password
		say 'Whoever was logged in has to log in again.'
		;;
	mqtt-password)
		need_gateway
		gateway_read "Password at the broker (empty: none)"
		printf '%s\n' "$secret" | gateway_ctl --set-mqtt-password || fail "the password was not taken"
		gateway_take_over
		;;
	token)
		need_gateway
		case ${2:-} in
		read | write) ;;
		*) fail "gateway token needs a name and what it may do: gateway token grafana read" ;;
		esac
		gateway_ctl --new-token "$1" "$2" || fail "no token was made"
		;;
	uninstall)
		gateway_remove "$@"
		say 'The gateway is removed.'
		;;
	esac
}
