# shellcheck shell=bash
# Boot a guest and talk to it. Orders go through a pair of pipes, commands and what
# they print through files in the shared folder.

vm_start() {
	VM_DIR=$(mktemp -d)
	VM_SHARE=${VM_SHARE:-$VM_DIR/share}
	mkdir -p "$VM_SHARE"
	mkfifo "$VM_DIR"/{agent,monitor}.{in,out}
	# Open for both directions: neither side waits for the other here.
	exec {VM_AGENT_IN}<>"$VM_DIR/agent.in" {VM_AGENT_OUT}<>"$VM_DIR/agent.out" \
		{VM_MONITOR_IN}<>"$VM_DIR/monitor.in" {VM_MONITOR_OUT}<>"$VM_DIR/monitor.out"
	qemu-system-aarch64 -M virt -cpu cortex-a53 -m "${VM_MEMORY:-256}" -accel tcg,thread=single \
		-display none -nodefaults -no-reboot -serial "file:$VM_DIR/console" \
		-kernel "$VM_KERNEL/vmlinuz" -initrd "$VM_INITRD" \
		-append "console=ttyAMA0 quiet loglevel=4 panic=-1 ${VM_CMDLINE:-}" \
		-drive "if=none,id=root,format=raw,readonly=on,file=${VM_BOOT:-$VM_ROOT}" \
		-device virtio-blk-pci,drive=root,romfile= \
		-fsdev "local,id=host0,path=$VM_SHARE,security_model=none" \
		-device virtio-9p-pci,fsdev=host0,mount_tag=host0,romfile= \
		-chardev "pipe,id=agent,path=$VM_DIR/agent" \
		-device virtio-serial-pci,romfile= -device virtserialport,chardev=agent \
		-chardev "pipe,id=monitor,path=$VM_DIR/monitor" -mon chardev=monitor,mode=readline \
		"$@" </dev/null >"$VM_DIR/qemu.log" 2>&1 {VM_AGENT_IN}>&- {VM_AGENT_OUT}>&- {VM_MONITOR_IN}>&- {VM_MONITOR_OUT}>&- &
	VM_PID=$!
	local answer
	if ! vm_hear answer "${VM_BOOT_LIMIT:-180}" || [ "$answer" != ready ]; then
		echo "the guest did not start:" >&2
		cat "$VM_DIR/qemu.log" "$VM_DIR/console" >&2
		vm_cut
		return 1
	fi
}

# vm_hear VARIABLE SECONDS - a line from the guest; 1: none in time, or the guest is gone.
vm_hear() {
	local second part so_far=
	for ((second = 0; second < $2; second++)); do
		# What a second's end cuts off is the start of the line.
		if read -r -t 1 -u "$VM_AGENT_OUT" part; then
			printf -v "$1" '%s' "$so_far$part"
			return 0
		fi
		so_far+=$part
		kill -0 "$VM_PID" 2>/dev/null || return 1
	done
	return 1
}

# Limits are for a quiet machine; a busy one gets three times as long.
vm_run() {
	local status limit=$(($1 * 3))
	printf '%s\n' "$2" >"$VM_SHARE/.command"
	: >"$VM_SHARE/.output"
	echo "run $limit" >&"$VM_AGENT_IN"
	# The guest keeps the limit itself and then answers 137, killed.
	vm_hear status $((limit + 30)) || status=125
	cat "$VM_SHARE/.output"
	[ "$status" != 137 ] || status=124
	return "$status"
}

vm_monitor() {
	local line
	while read -r -t 0.05 -u "$VM_MONITOR_OUT" line; do :; done
	echo "$1" >&"$VM_MONITOR_IN"
	read -r -t 5 -u "$VM_MONITOR_OUT" line || return 1 # the echo
	while read -r -t 0.5 -u "$VM_MONITOR_OUT" line; do
		printf '%s\n' "${line%$'\r'}"
	done
}

vm_cut() {
	kill -9 "$VM_PID" 2>/dev/null || true
	wait "$VM_PID" 2>/dev/null || true
	vm_close
}

vm_stop() {
	local second
	echo off >&"$VM_AGENT_IN"
	for ((second = 0; second < 20; second++)); do
		kill -0 "$VM_PID" 2>/dev/null || break
		sleep 0.5
	done
	vm_cut
}

vm_close() {
	exec {VM_AGENT_IN}>&- {VM_AGENT_OUT}>&- {VM_MONITOR_IN}>&- {VM_MONITOR_OUT}>&-
	rm -rf "$VM_DIR"
	case ${VM_SHARE:-} in "$VM_DIR"/*) unset VM_SHARE ;; esac
}
