#!/bin/bash
# Callbacks that fail, crash or hang: one failed target, and the process is there again for the next.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"

plugin sample
declare -A action=([create]=stage [install]=stage [endpoints]=stage [reload]=reload [verify]=verify)
for moment in create install endpoints reload verify; do
	serve 1 sample "${action[$moment]}" fail_in=$moment
	equal "failure in $moment" "${action[$moment]}: product: $moment: the sample fails in $moment as it was told" "$out"

	serve 1 sample "${action[$moment]}" crash_in=$moment
	equal "crash in $moment" "${action[$moment]}: plugin: $moment: plugin 'sample' crashed (signal 11) in $moment" "$out"

	switches=(-t 300)
	serve 1 sample "${action[$moment]}" hang_in=$moment
	equal "hang in $moment" \
		"${action[$moment]}: plugin: $moment: plugin 'sample' did not answer within 300 ms in $moment and was stopped" "$out"
	switches=()
done

# A crash costs the call in which it happens, no other.
serve 1 sample stage,reload,stage,verify crash_in=reload port=443
equal "before and after a crash" "endpoint 127.0.0.1 443 -
stage: ok
reload: plugin: reload: plugin 'sample' crashed (signal 11) in reload
endpoint 127.0.0.1 443 -
stage: ok
verify: ok" "$out"

# Three new starts in a row, then no more.
switches=(-n 6)
serve 1 sample stage crash_in=install
equal "four processes crashed" 4 "$(grep -c 'crashed (signal 11) in install' <<<"$out")"
equal "the rest failed at once" 2 "$(grep -c "is not started again in this run: it ended badly 4 times in a row" <<<"$out")"
switches=(-n 50)
serve 1 sample stage fail_in=install
equal "an orderly failure is no reason" 50 "$(grep -c 'the sample fails in install' <<<"$out")"

# destroy comes last: nothing can be lost any more, but it is told.
switches=(-t 300)
serve 0 sample stage crash_in=destroy
contains "crash in destroy" "engine log 3 plugin 'sample' crashed (signal 11) in destroy" "$out"
serve 0 sample stage hang_in=destroy
contains "hang in destroy" "engine log 3 plugin 'sample' did not answer within 300 ms in destroy and was stopped" "$out"

# The time that the engine needs does not count against the plugin: each reload takes longer than the limit.
serve 0 sample reload "reload=/bin/sleep 0.6"
contains "a slow program is not a slow plugin" "reload: ok" "$out"

# One process serves them all.
switches=(-n 1000)
serve 0 sample stage file="$tmp/a.txt"
equal "a thousand targets" 1000 "$(grep -c '^stage: ok' <<<"$out")"

# Nothing is left behind.
sleep 0.1
[ -z "$(pgrep -f "certengine-plugin-host sample" -P $$)" ] && ok "no process is left" || fail "a process is left"
finish
