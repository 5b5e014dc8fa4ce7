# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# The gateway's package on a device that has the battery service, from installing to leaving.

gx_gateway() {
	local before password
	sim_start 1 || return
	GX_PLUGGED=1
	gx_new_data
	gx_boot "$GX_FIRMWARE_1" || return
	check "the battery service, its port chosen" 120 "$(gx 'unpack release; sh $package install && sh $package config --port BMS-1 && publishes ttyUSB0')"
	before=$(vm_run 20 "$(gx listing)")
	gateway_install
	password=$(vm_run 20 'sed -n "s/.*The password is \([^ ]*\) .*/\1/p" /run/enabled')
	gateway_serves
	vm_stop
	gx_boot "$GX_FIRMWARE_2" -icount shift=1,sleep=on \
		-netdev user,id=net -device virtio-net-pci,netdev=net,romfile= || return
	vm_run 20 "$(gx 'unpack release')"
	check "after a firmware update it serves by itself" 90 "$(gx 'publishes ttyUSB0 && wait_for 30 serves')"
	gateway_line
	gateway_leaves "$before"
	vm_stop
	sim_stop
}

gateway_install() {
	check_says "gateway: not installed at first" 20 "not installed" "$(gx 'sh $package gateway status')"
	check_fails "an archive of something else" 60 "the package is not complete" "$(gx 'sh $package gateway install /host/release.tar.gz')"
	check_fails "an archive cut short" 60 "damaged or cut short" "$(gx 'head -c 300000 /host/gateway.tar.gz >/run/half.tar.gz; sh $package gateway install /run/half.tar.gz; status=$?; rm /run/half.tar.gz; exit $status')"
	check_says "gateway install" 60 "is installed and off" "$(gx 'sh $package gateway install /host/gateway.tar.gz')"
	check "off, nobody listens" 20 "$(gx '! serves')"
	check_says "gateway enable makes a password" 60 "It is shown this once" "$(gx 'sh $package gateway enable | tee /run/enabled')"
	check_says "gateway status" 20 ", runs" "$(gx 'sh $package gateway status')"
}

gateway_serves() {
	check "it serves its page" 60 "$(gx 'wait_for 30 serves; fetch / | grep -qi "<!doctype html"')"
	check "who has not logged in sees no battery" 20 "$(gx 'fetch /api/v1/batteries | grep -q "\"status\":401"')"
	check "with the password that was shown it tells of the battery" 30 "$(gx 'cookie=$(log_in '"$password"'); rm /run/enabled; wait_for 10 eval "fetch /api/v1/batteries \"Cookie: $cookie\" | grep -q voltage_v"')"
	check "it has no rights" 20 "$(gx 'grep "^Uid:.65534.65534.65534" /proc/$(pid tinybms-gateway)/status')"
	budget "gateway: resident memory" "$(vm_run 20 "$(gx 'memory tinybms-gateway VmRSS')")" 8000 kB
	check "killed, it returns" 60 "$(gx 'first=$(pid tinybms-gateway); kill -9 $first; wait_for 20 is_other tinybms-gateway $first; wait_for 30 serves')"
	check "the battery does not notice" 20 "$(gx 'on_bus ttyUSB0')"
}

gateway_leaves() { # BEFORE
	check "gateway disable" 60 "$(gx 'sh $package gateway disable; ! serves && [ ! -e /service/tinybms-gateway ]')"
	check_says "gateway status tells that it is off" 20 ", off" "$(gx 'sh $package gateway status')"
	check "gateway enable again, with the password it had" 60 "$(gx 'sh $package gateway enable >/run/said; status=$?; grep -q password /run/said && status=9; rm /run/said; [ $status = 0 ] && wait_for 30 serves')"
	check "gateway uninstall" 60 "$(gx 'sh $package gateway uninstall; [ -e $conf/gateway/gateway.json ]')"
	check "gateway uninstall --purge" 60 "$(gx 'sh $package gateway uninstall --purge')"
	check_equal "nothing of it is left" "$1" "$(vm_run 20 "$(gx listing)")"
	check "the battery is still there" 20 "$(gx 'on_bus ttyUSB0')"
}
