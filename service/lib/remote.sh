# shellcheck shell=sh
# From a computer: the same commands on a GX device, over ssh.

# remote_install HOST - copy this package and install it there.
remote_install() {
	[ -e "$here/MANIFEST" ] || [ -d "$here/dist" ] ||
		fail "there is no package here; install.sh package builds one"
	case $1 in *@*) target=$1 ;; *) target=root@$1 ;; esac
	say "Copying to $target ..."
	# Into memory, not onto the flash.
	if [ -e "$here/MANIFEST" ]; then
		(cd "$here" && tar -cf - .)
	else
		(cd "$here" && tar -cf - install.sh service dist)
	fi | ssh "$target" 'rm -rf /run/dbus-tinybms-setup && mkdir -p /run/dbus-tinybms-setup && tar -xf - -C /run/dbus-tinybms-setup' ||
		fail "$target cannot be reached, or the copy was interrupted; nothing was changed there. On a GX: Settings, General, Access level Superuser, then set a root password and enable SSH"
	ssh -t "$target" 'sh /run/dbus-tinybms-setup/install.sh install; status=$?; rm -rf /run/dbus-tinybms-setup; exit $status'
}

# remote_gateway HOST - likewise the gateway, by the install.sh that is there.
remote_gateway() {
	[ -d "$here/dist" ] || fail "there is no package here; install.sh gateway package builds one"
	case $1 in *@*) target=$1 ;; *) target=root@$1 ;; esac
	say "Copying to $target ..."
	(cd "$here" && tar -cf - install.sh service dist/tinybms-gateway-*) |
		ssh "$target" 'rm -rf /run/dbus-tinybms-setup && mkdir -p /run/dbus-tinybms-setup && tar -xf - -C /run/dbus-tinybms-setup' ||
		fail "$target cannot be reached, or the copy was interrupted; nothing was changed there"
	ssh -t "$target" 'sh /run/dbus-tinybms-setup/install.sh gateway install; status=$?; rm -rf /run/dbus-tinybms-setup; exit $status'
}
