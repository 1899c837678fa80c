# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of covenctl for bash: the commands of the server that answers, else those of the usual plugins.

# They are lines like "user list | add NAME PASSWORD | del NAME".
_covenctl_commands()
{
	"$@" --json help 2>/dev/null | sed -E 's/\}, \{/\n/g' | sed -nE 's/.*"command": ?"(([^"\\]|\\.)*)".*/\1/p'
}

_covenctl()
{
	local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} commands= at=1 line
	local ask=("$program")

	COMPREPLY=()
	while ((at < COMP_CWORD)); do
		case ${COMP_WORDS[at]} in
		-s | --socket)
			ask+=(-s "${COMP_WORDS[at + 1]}")
			((at += 2))
			;;
		-*) ((at++)) ;;
		*) break ;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-s | --socket | --pcapng | import)
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
	esac
	commands=$(_covenctl_commands "${ask[@]}")
	if ((at >= COMP_CWORD)); then
		COMPREPLY=($(compgen -W "--socket --json --help --version $(sed 's/ .*//' <<<"$commands" | sort -u)" -- "$word"))
		return
	fi
	if [[ ${COMP_WORDS[at]} == help ]]; then
		((COMP_CWORD == at + 1)) && COMPREPLY=($(compgen -W "$(sed 's/ .*//' <<<"$commands" | sort -u)" -- "$word"))
		return
	fi
	# what may stand at this place: the alternatives of the usage whose words so far are those typed
	local typed="${COMP_WORDS[*]:at + 1:COMP_CWORD - at - 1}" words=
	line=$(sed -nE "s/^${COMP_WORDS[at]} //p" <<<"$commands" | tr -d '[]' | sed -E 's/ ?\| ?/\n/g')
	while read -r alternative; do
		[[ -z $typed || $alternative == "$typed "* ]] || continue
		[[ -z $typed ]] || alternative=${alternative#"$typed "}
		alternative=${alternative%% *}
		[[ $alternative =~ ^[a-z-]+$ ]] && words+=" $alternative"
	done <<<"$line"
	COMPREPLY=($(compgen -W "$words --json --help" -- "$word"))
}

complete -F _covenctl covenctl
