# shellcheck shell=sh
# From a computer: the same commands on a GX device, over ssh.

setup=/run/dbus-tinybms-setup # there, in memory and not on the flash

# remote_find HOST - sets target.
remote_find() {
	case $1 in *@*) target=$1 ;; *) target=root@$1 ;; esac
	say "Copying to $target ..."
}

# remote_copy - the tar archive on standard input; nothing of half a copy stays.
remote_copy() {
	# shellcheck disable=SC2029 # the folder's name is meant to come from here
	ssh "$target" "rm -rf $setup && mkdir -p $setup && tar -xf - -C $setup || { rm -rf $setup; exit 1; }" ||
		fail "$target cannot be reached, or the copy was interrupted; nothing was changed there. On a GX: Settings, General, Access level Superuser, then set a root password and enable SSH"
}

# remote_run COMMAND... - of the install.sh that was copied.
remote_run() {
	# shellcheck disable=SC2029
	ssh -t "$target" "sh $setup/install.sh $*; status=\$?; rm -rf $setup; exit \$status"
}

# remote_install HOST - copy this package and install it there.
remote_install() {
	[ -e "$here/MANIFEST" ] || [ -d "$here/dist" ] ||
		fail "there is no package here; install.sh package builds one"
	remote_find "$1"
	if [ -e "$here/MANIFEST" ]; then
		(cd "$here" && tar -cf - .)
	else
		(cd "$here" && tar -cf - install.sh service dist)
	fi | remote_copy || exit 1
	remote_run install
}

# remote_gateway HOST - likewise the gateway, by the install.sh that is there.
remote_gateway() {
	[ -d "$here/dist" ] || fail "there is no package here; install.sh gateway package builds one"
	remote_find "$1"
	(cd "$here" && tar -cf - install.sh service dist/tinybms-gateway-*) | remote_copy || exit 1
	remote_run gateway install
}
