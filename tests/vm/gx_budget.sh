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
	budget_steady 120
	vm_stop
	sim_stop
}

# budget NAME VALUE LIMIT UNIT - VALUE is a whole number and under LIMIT.
budget() {
	local bad=1
	[[ $2 =~ ^[0-9]+$ ]] && [ "$2" -lt "$3" ] && bad=0
	check_count $bad "$1: $2 $4, under $3 allowed"
}

# One that waits for the name, so that nobody but the service works until it comes.
budget_start() {
	local ms
	ms=$(vm_run 60 "$(gx 'svc -d /service/dbus-tinybms; wait_for 20 off_bus ttyUSB0
		mkfifo /run/names
		dbus-monitor --system "member=NameOwnerChanged,arg0=com.victronenergy.battery.ttyUSB0" >/run/names &
		exec 9</run/names
		sleep 2
		now() { read -r uptime idle </proc/uptime; echo "${uptime%.*}${uptime#*.}0"; }
		first=$(now); svc -u /service/dbus-tinybms
		while read -r -t 20 line <&9; do case $line in *NameOwnerChanged*) break ;; esac; done
		last=$(now); kill $!; rm /run/names
		on_bus ttyUSB0 && echo $((last - first))')")
	budget "from start to the bus" "$ms" 1000 ms
}

# budget_memory - of the service as it runs now.
budget_memory() {
	budget "resident memory" "$(vm_run 20 "$(gx 'memory dbus-tinybms VmRSS')")" 5000 kB
}

# budget_steady SECONDS - whole minutes, after one in which the service settles.
budget_steady() {
	local cpu_us writes
	read -r cpu_us writes < <(vm_run $(($1 + 120)) "$(gx "seconds=$1")"'
		sleep 60
		cpu_ns() { cat /proc/$(pid dbus-tinybms)/task/*/schedstat | awk "{ sum += \$1 } END { printf \"%.0f\", sum }"; }
		first=$(cpu_ns); count_writes $seconds; echo "$((($(cpu_ns) - first) / 1000)) $writes"')
	budget_memory
	budget "instructions a second (processor time in $1 s, 2 ns each)" \
		"$((${cpu_us:-999999999} * 500 / $1))" 2500000 instructions
	budget_writes "$1" "${writes:-none}"
}

# budget_writes SECONDS TIMES - one a minute, and one for where the minutes begin.
budget_writes() { budget "samples in $1 s that found a file of /data changed" "$2" $(($1 / 60 + 2)) samples; }
