# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# Live clients of the gateway in the guest: over a line with 200 ms of delay each way and 10 % loss,
# which its kernel makes, and twenty at once; the battery's polls are counted meanwhile. QEMU counts
# instructions here, as for the budget: what else this machine does costs the guest hardly any time.

# ---- a broker on the host's side --------------------------------------------------------

# broker_start - sets BROKER_PORT; in the guest the host is 10.0.2.2.
broker_start() {
	sh tests/packages.sh mosquitto mosquitto-clients || return
	BROKER_PORT=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	printf 'listener %d 127.0.0.1\nallow_anonymous true\n' "$BROKER_PORT" >"$work/broker.conf"
	mosquitto -c "$work/broker.conf" >"$work/broker.log" 2>&1 &
	BROKER_PID=$!
}

broker_stop() {
	[ -z "${BROKER_PID:-}" ] || kill "$BROKER_PID" 2>/dev/null
	BROKER_PID=
}

# ---- the clients --------------------------------------------------------------------------

# figure NAME - of what the clients said.
figure() { sed -n "s/^$1=//p" <<<"$said"; }

# at_least NAME VALUE LIMIT UNIT - VALUE is a whole number and not below LIMIT.
at_least() {
	local bad=1
	[[ $2 =~ ^[0-9]+$ ]] && [ "$2" -ge "$3" ] && bad=0
	check_count $bad "$1: $2 $4, at least $3 wanted"
}

# stood - until its input ends; then the ms for which this machine as a whole stood still.
stood() {
	PYTHONPATH=tests/gateway/load /usr/bin/python3 -B -c \
		'import sys; from canary import Canary; c = Canary(); sys.stdin.read(); print(int(c.stop()[0] * 1e3))'
}

# clients SECONDS COMMAND... - sets said and stood_ms.
clients() {
	coproc stood
	said=$(vm_run $(($1 + 60)) "$(gx "${*:2}")")
	eval "exec ${COPROC[1]}>&-"
	read -r stood_ms <&"${COPROC[0]}"
	echo "${said//$'\n'/ } stood_ms=$stood_ms"
}

# judge NAME [UNANSWERED] - what holds with any clients on any line, with so many requests that may find
# no answer. The simulated BMS answers from this machine.
judge() {
	check_equal "$1: clients that were dropped without a word" 0 "$(figure lost)"
	check_equal "$1: documents older than the one before" 0 "$(figure disorders)"
	budget "$1: of $(figure asked) requests without an answer" "$(($(figure asked) - $(figure answered)))" $((${2:-0} + 1)) requests
	at_least "$1: polls of the battery in $(figure lasted_ms) ms" "$(figure polls)" \
		$((($(figure lasted_ms) - stood_ms) / 100 - 1)) answers
}

gateway_line() {
	local said stood_ms
	broker_start || { check_count 1 "a broker"; return; }
	check "other machines may reach the gateway, and it a broker" 60 "$(gx 'modprobe virtio_net && udevadm settle --timeout=10
		card=$(basename /sys/class/net/e*); ip addr add 10.0.2.15/24 dev $card && ip link set $card up || exit
		printf "{\"listen\": \"0.0.0.0\", \"mqtt_enabled\": true, \"mqtt_host\": \"10.0.2.2\", \"mqtt_port\": %d}" '"$BROKER_PORT"' >$conf/gateway/gateway.json
		first=$(pid tinybms-gateway); svc -t /service/tinybms-gateway; wait_for 20 is_other tinybms-gateway $first; wait_for 30 serves')"
	check_here "the broker hears of the battery" 0 tinybms mosquitto_sub -p "$BROKER_PORT" -t 'tinybms/#' -v -C 1 -W 60
	line_twenty
	check "a line of 200 ms and 10 % loss" 30 "$(gx bad_line)"
	line_bad
	line_cut
	vm_run 20 "$(gx bad_line_ends)"
	broker_stop
}

line_twenty() {
	clients 30 live_here "$password" 20 30
	judge "20 clients"
	check_equal "20 clients: sent away" 0 "$(figure told)"
	at_least "20 clients: documents that each had in 30 s" "$(figure fewest)" 27 documents
	check_equal "20 clients: another logs in" 1 "$(figure logins)"
	budget "20 clients: the gateway's memory at most" "$(figure peak_kb)" 8192 kB
}

# Each of a document's segments may be lost, and TCP waits longer each time; the one behind it in the
# kernel ages with it. Half come with one repetition at most (line.py's bound), and nearly all in half of
# the 20 s after which the gateway sends a client away that takes nothing (WS_STALL_S).
line_bad() {
	clients 60 live_far "$password" 4 60
	judge "bad line"
	check_equal "bad line: sent away" 0 "$(figure told)"
	at_least "bad line: age of the youngest document" "$(figure youngest_ms)" 200 ms
	at_least "bad line: documents that each had in 60 s" "$(figure fewest)" 51 documents
	budget "bad line: age of half of the documents" "$(figure median_ms)" 1500 ms
	budget "bad line: age of 95 of 100 documents" "$(figure p95_ms)" 10000 ms
	budget "bad line: the gateway's memory after a quarter, and at the end" "$(figure late_kb)" \
		$(($(figure early_kb) * 105 / 100)) kB
}

# Eight seconds of nothing: TCP bears it; who takes nothing for 20 s is told and sent away. The one request that is on its way may
# come later than the gateway waits for it (HTTP_WAIT_S).
line_cut() {
	clients 40 live_far "$password" 4 40 8
	judge "line cut" 1
	at_least "line cut: longest silence" "$(figure silence_ms)" 8000 ms
	budget "line cut: the gateway's memory after a quarter, and at the end" "$(figure late_kb)" \
		$(($(figure early_kb) * 105 / 100)) kB
}
