# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# What the service costs a GX. QEMU counts instructions here: each is two nanoseconds of the guest's
# clock (-icount shift=1, 500 million a second, as a slow GX), so the processor time that the guest's
# kernel books on the service counts its instructions, those of the kernel for it included.

gx_budget() {
	sim_start 1 || return
	GX_PLUGGED=1
	gx_new_data
	gx_boot "$GX_FIRMWARE_1" -icount shift=1,sleep=on || return
	check "installed, 10 polls a second" 180 "$(gx 'unpack release; sh $package install && sh $package config --port BMS-1 && sh $package config poll_interval_ms=100; publishes ttyUSB0')"
	budget_start
	budget_steady
	vm_stop
	sim_stop
}

# budget NAME VALUE LIMIT UNIT - VALUE is a whole number and under LIMIT.
budget() {
	local bad=1
	echo "budget: $1: $2 $4, under $3 allowed"
	[[ $2 =~ ^[0-9]+$ ]] && [ "$2" -lt "$3" ] && bad=0
	check_count $bad "$1" "$2 $4"
}

# The time of the bus's answer counts too, so the true time is shorter.
budget_start() {
	local ms
	ms=$(vm_run 60 "$(gx 'svc -d /service/dbus-tinybms; wait_for 20 off_bus ttyUSB0; sleep 2
		now() { sed "s/\([0-9]*\)\.\([0-9]*\) .*/\1\20/" /proc/uptime; }
		first=$(now); svc -u /service/dbus-tinybms
		until on_bus ttyUSB0; do [ $(($(now) - first)) -lt 20000 ] || break; done
		echo $(($(now) - first))')")
	budget "from start to the bus" "$ms" 1000 ms
}

# Two minutes, after one in which it settles.
budget_steady() {
	local kb cpu_us writes
	read -r kb cpu_us writes < <(vm_run 300 "$(gx 'sleep 60
		cpu_ns() { cat /proc/$(pid dbus-tinybms)/task/*/schedstat | awk "{ sum += \$1 } END { printf \"%.0f\", sum }"; }
		data() { find /data -type f -exec ls -li --full-time {} + | sha256sum; }
		writes=0; first=$(cpu_ns); was=$(data)
		end=$(($(cut -d . -f 1 /proc/uptime) + 120))
		while [ $(cut -d . -f 1 /proc/uptime) -lt $end ]; do
			sleep 1
			now=$(data); [ "$now" = "$was" ] || writes=$((writes + 1))
			was=$now
		done
		last=$(cpu_ns)
		echo "$(sed -n "s/VmRSS:[^0-9]*\([0-9]*\).*/\1/p" /proc/$(pid dbus-tinybms)/status) $(((last - first) / 1000)) $writes"')")
	budget "resident memory" "${kb:-none}" 5000 kB
	budget "instructions a second (nanoseconds of processor time in 120 s, at 2 each)" \
		"$((${cpu_us:-999999999} * 500 / 120))" 2500000 instructions
	budget "seconds of two minutes in which a file of /data changed" "${writes:-none}" 3 times
}
