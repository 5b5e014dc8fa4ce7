# SPDX-License-Identifier: MIT
# bash completion for tinybmsctl

_tinybmsctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} verb=${COMP_WORDS[2]:-}
	local words=

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words='config diagnostics doctor events forget full-charge get history log probe reset set
			settings sleep status storage wake watch --help --version'
	else
		case $command in
		settings)
			case $COMP_CWORD:$verb in
			2:*) words='list get set diff backup restore' ;;
			*:get | *:set) words=$(tinybmsctl settings list 2>/dev/null | sed -n 's/^\([a-z_]\{1,\}\) .*/\1/p') ;;
			*:diff | *:backup | *:restore)
				mapfile -t COMPREPLY < <(compgen -f -- "$word")
				return
				;;
			esac
			;;
		reset) words='events statistics bms' ;;
		full-charge | storage) words='on off' ;;
		config) [ "$COMP_CWORD" = 2 ] && words='get set check list import' ;;
		probe)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		esac
		case $word in
		-*)
			words='--battery --bus --json --help'
			case $command in
			config) words='--file --json --help' ;;
			doctor) words='--bus --config --state --json --help' ;;
			forget | probe) words='--json --help' ;;
			esac
			case $command in
			settings | sleep | reset) words+=' --yes' ;;
			watch) words+=' --count' ;;
			log) words+=' --hours --step --csv' ;;
			esac
			case $command in
			events) words+=' --follow --since --port' ;;
			status | settings) words+=' --port' ;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _tinybmsctl tinybmsctl
