#!/usr/bin/env bash
# install.sh gateway ... on a made-up device: a folder in the place of the root, a script in the
# place of the program, stand-ins for daemontools. By busybox's shell, as on a GX.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit 2
sh tests/packages.sh busybox

passed=0
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GX_ROOT=$folder/gx PATH=$folder/bin:$PATH
conf=$GX_ROOT/data/conf/dbus-tinybms/gateway
app=$GX_ROOT/data/apps/available/tinybms-gateway

# check NAME STATUS TEXT COMMAND... - it ends with STATUS and says TEXT.
check() {
	local name=$1 status=$2 text=$3 said
	shift 3
	said=$("$@" 2>&1 </dev/null)
	if [ $? = "$status" ] && [[ $said == *"$text"* ]]; then
		passed=$((passed + 1))
		echo "ok: $name"
	else
		failed=$((failed + 1))
		echo "not ok: $name: $said"
	fi
}

gateway() { busybox sh ./install.sh gateway "$@"; }

# package FOLDER VERSION - what answers as the gateway does.
package() {
	mkdir -p "$1/page" "$1/service/log"
	cat >"$1/tinybms-gateway" <<-'SH'
		#!/bin/sh
		here=${0%/*}
		case "$*" in
		--version) echo "tinybms-gateway $(cat "$here/VERSION")" ;;
		*--set-password) read -r password && echo "$password" >"${2%/*}/gateway-secrets.json" ;;
		*--set\ refused=1) echo 'refused: there is no such key' >&2; exit 1 ;;
		*--set\ *) echo "{\"listen\": \"${*##*=}\", \"said\": \"$*\"}" >"$2" ;;
		*--set-mqtt-password) read -r password; echo "$password" >"${2%/*}/mqtt" ;;
		*--new-token*) echo "token of $4 to $5" ;;
		*--check)
			! grep -q nonsense "$2" || { echo 'port: "nonsense" is no number'; exit 1; }
			! grep -q old.pem "$2" || { echo 'old.pem expired'; exit 3; }
			;;
		esac
	SH
	chmod +x "$1/tinybms-gateway"
	echo '<!doctype html>' >"$1/page/index.html"
	cp service/gateway/run "$1/service/"
	cp service/gateway/log/run "$1/service/log/"
	echo "$2" >"$1/VERSION"
	echo armhf >"$1/ARCH"
	(cd "$1" && find . -type f ! -name MANIFEST -printf '%P\n' | sort | xargs -d '\n' sha256sum) >"$1.sums"
	mv "$1.sums" "$1/MANIFEST"
}

mkdir -p "$GX_ROOT"/{data/apps/available/dbus-tinybms,data/conf/dbus-tinybms,opt/victronenergy} \
	"$GX_ROOT"/{lib,service,run/service,var/log} "$folder/bin"
echo v3.60 >"$GX_ROOT/opt/victronenergy/version"
touch "$GX_ROOT/lib/ld-linux-armhf.so.3"
printf 'active=1-x\n' >"$GX_ROOT/data/apps/available/dbus-tinybms/state"
# A service is up as long as the test says so.
# shellcheck disable=SC2016 # expanded when it runs
echo '[ -e "$GX_ROOT/is-down" ] || echo "$1: up (pid 4242) 5 seconds"' >"$folder/bin/svstat"
: >"$folder/bin/svc"
echo 'exit 1' >"$folder/bin/svok"
sed -i '1i#!/bin/sh' "$folder/bin/svstat" "$folder/bin/svok"
echo '#!/bin/sh' >"$folder/bin/svc"
chmod +x "$folder/bin"/*
package "$folder/one" 1.0
package "$folder/two" 2.0
package "$folder/damaged" 3.0
echo more >>"$folder/damaged/page/index.html"
package "$folder/foreign" 4.0
echo aarch64 >"$folder/foreign/ARCH"

has_no_password() { [ ! -e "$conf/gateway-secrets.json" ]; }
is_private() { [ "$(stat -c '%U %a' "$conf")" = 'nobody 700' ]; }
is_linked() { [ -L "$GX_ROOT/service/tinybms-gateway" ]; }
runs_version() { grep -q "^active=$1-" "$app/state"; }
is_gone() { [ ! -e "$app" ] && [ ! -e "$GX_ROOT/run/service/tinybms-gateway" ] && ! is_linked; }

check 'nothing is installed at first' 0 'not installed' gateway status
check 'it cannot be enabled before' 1 'is not installed' gateway enable
check 'a damaged package is refused' 1 'damaged (page/index.html' gateway install "$folder/damaged"
check 'another kind of device is refused' 1 'for aarch64, this device needs the one for armhf' \
	gateway install "$folder/foreign"
check 'nothing stays of what was refused' 0 '' is_gone
check 'installed, it is off' 0 'is installed and off' gateway install "$folder/one"
check 'off, it is no service' 1 '' is_linked
check 'the same again changes nothing' 0 'installed already' gateway install "$folder/one"
check 'no password by default' 0 '' has_no_password
check 'a token before it is enabled for the first time' 0 'token of early to read' gateway token early read
check 'and a password' 0 'It is shown this once' gateway password
rm -r "$conf"
check 'enabling makes a password and shows it' 0 'It is shown this once' gateway enable
check 'it listens where the program does by itself' 0 '"listen": ""' cat "$conf/gateway.json"
check 'its folder is its own' 0 '' is_private
check 'it is a service' 0 '' is_linked
check 'enabling again keeps the password' 0 'runs, and starts at every boot' gateway enable
check 'it says who can reach the page' 0 'for this device alone, http://127.0.0.1:8480' gateway enable
check 'enabled for the network later' 0 ':8480' gateway enable --lan
check 'it listens there' 0 '"listen": "0.0.0.0"' cat "$conf/gateway.json"
check 'keys are set by name' 0 'has started again with that' gateway set site=home port=1234
check 'all of them at once' 0 '--set site=home --set port=1234' cat "$conf/gateway.json"
check 'a key that is refused' 1 'there is no such key' gateway set refused=1
check 'no key' 1 'needs NAME=VALUE' gateway set
check 'a new password is shown once' 0 'It is shown this once' gateway password
check 'a token for a program' 0 'token of grafana to read' gateway token grafana read
check 'which may read or write, nothing else' 1 'what it may do' gateway token grafana admin
check 'a newer version takes over' 0 'runs' gateway update "$folder/two"
check 'which is the newer one' 0 '' runs_version 2.0
touch "$GX_ROOT/is-down"
package "$folder/bad" 5.0
check 'a version that does not stay up goes back' 1 'runs again' gateway update "$folder/bad"
rm "$GX_ROOT/is-down"
check 'to the one before' 0 '' runs_version 2.0
echo '{"tls_certificate": "old.pem"}' >"$conf/gateway.json"
package "$folder/dated" 5.5
check 'an expired certificate is told' 0 'old.pem expired' gateway update "$folder/dated"
check 'and keeps no newer version away' 0 '' runs_version 5.5
echo '{"port": "nonsense"}' >"$conf/gateway.json"
package "$folder/strict" 6.0
check 'a configuration that it does not take is named' 1 'port: "nonsense" is no number' \
	gateway update "$folder/strict"
check 'disabled' 0 'is off' gateway disable
check 'it is no service any more' 1 '' is_linked
check 'an unknown word' 1 'not nonsense' gateway nonsense
check 'uninstalled' 0 'is removed' gateway uninstall
check 'nothing is left but its configuration' 0 '' is_gone
check 'which stays' 0 nonsense cat "$conf/gateway.json"
check 'and is looked at by who comes again' 1 'port: "nonsense" is no number' gateway install "$folder/one"
rm "$conf/gateway.json"
check 'installed once more' 0 'is installed and off' gateway install "$folder/one"
check 'purged' 0 'is removed' gateway uninstall --purge
check 'nothing at all is left' 1 '' test -e "$conf"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
