#!/bin/bash
# What an operator sees who mistypes.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

run 2 ce
contains "no command is a usage error" "a command is missing" "$err"
equal "a usage error prints nothing on standard output" "" "$out"
run 2 ce aply
contains "the nearest command is suggested" "did you mean 'apply'?" "$err"
for command in discover adopt; do
	run 2 ce "$command"
	contains "'$command' is not there yet" "unknown command '$command'" "$err"
done
run 2 ce apply --force
contains "a bare --force says what it could mean" "--force-renew, --force-deploy or --force-reload" "$err"
run 2 ce apply --lock-wait=soon --jsn
equal "both mistakes are told, and where to look" 3 "$(wc -l <"$tmp/.err")"

run 0 ce help
overview=$out
for word in apply check plan plugin recover rollback status verify version; do
	contains "help names '$word'" "  $word " "$overview"
	run 0 ce help "$word"
	run 0 ce "$word" --help
done
run 0 ce version
contains "the version names the plugin ABI" "plugin ABI 1" "$out"

# Results that cannot be written are no success.
got=0
ce help >/dev/full 2>"$tmp/.err" || got=$?
equal "a full disk under standard output" 1 "$got"
finish
