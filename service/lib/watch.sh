# shellcheck shell=sh
# The first minute of a new version.

watch_s=${GX_WATCH_S:-60}

uptime_s() { cut -d . -f 1 /proc/uptime; }

# is_accepted - every service publishes, or says what it waits for.
# Sets complaint, the first service that does neither.
is_accepted() {
	complaint=
	reasons=
	for service in $(service_names); do
		case $(service_word "$service") in
		publishing) ;;
		waiting) reasons="$reasons $service: $(service_sentence "$service")." ;;
		*)
			complaint="$service does not run as it should"
			return 1
			;;
		esac
	done
}

# watch_trial - the new version stays, or the previous one returns. Status 1: it returned.
watch_trial() {
	steady=0
	until=$(($(uptime_s) + watch_s))
	while [ "$(uptime_s)" -lt $until ]; do
		sleep 1
		if is_accepted; then steady=$((steady + 1)); else steady=0; fi
		# Five quiet seconds of publishing are enough; reasons may still go away.
		if [ $steady -ge 5 ] && [ -z "$reasons" ]; then break; fi
	done
	if [ $steady -ge 5 ]; then
		state_put "$(state_get active)" "$(state_get previous)" ''
		outcome "$(state_get active) runs.$reasons"
		prune
		return 0
	fi
	return_to_previous
	return 1
}

return_to_previous() {
	failed=$(state_get active)
	previous=$(state_get previous)
	if [ -z "$previous" ] || [ ! -d "$versions/$previous" ]; then
		state_put "$failed" '' ''
		outcome "$failed was not seen publishing within $watch_s s ($complaint); there is no older version to return to."
		return
	fi
	older=$(state_get trial)
	switch_to "$previous" "${older#none}" ''
	outcome "$failed was not seen publishing within $watch_s s ($complaint); $previous runs again."
	prune
}

# outcome SENTENCE - told now and kept for status and doctor.
outcome() {
	say "$*"
	echo "$(date '+%Y-%m-%d %H:%M:%S') $*" | write_file "$conf/last-update"
}
