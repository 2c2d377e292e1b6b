# Signals: what is under way is rolled back, and the exit status tells the signal.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
deadline=30
certificates "$(certificate shop "$(target web web) $(target mail mail)")"
engine 0 apply
first=$(live shop)
before=$(bytes web)

# start ARGUMENT...: in a process group of its own.
start()
{
	: >"$tmp/background.out" # what the run before said must not be taken for this one's
	set -m
	"$certengine" -c "$conf" --root "$root" "$@" >"$tmp/background.out" 2>"$tmp/background.err" </dev/null &
	running=$!
	set +m
}

ended()
{
	local status=0
	wait "$running" 2>/dev/null || status=$?
	out=$(<"$tmp/background.out")
	err=$(<"$tmp/background.err")
	equal "$1: the exit status" "$2" "$status"
	lacks "$1: no sanitizer complains" Sanitizer "$err"
}

# One target waits for a certificate that never comes, the other has not begun.
for signal in TERM INT HUP; do
	calls=$(($(calls web) + $(calls mail)))
	printf 'keep\n' >"$tmp/web/moods"
	printf 'keep\n' >"$tmp/mail/moods"
	generation=$(generation shop)
	start apply --force-renew --jobs 1
	wait_for 10 grep -q 'step=verify result=begin' "$tmp/background.out"
	at=$SECONDS
	kill "-$signal" "$running"
	ended "SIG$signal" $((128 + $(kill -l "$signal")))
	[ $((SECONDS - at)) -lt 10 ] || fail "SIG$signal was obeyed after $((SECONDS - at)) s only"
	contains "SIG$signal: it is told" "interrupted" "$out"
	equal "SIG$signal: the certificate is kept" $((generation + 1)) "$(generation shop)"
	equal "SIG$signal: the files are as before" "$before" "$(bytes web)"
	equal "SIG$signal: the earlier certificate is served" "$first" "$(served web)"
	equal "SIG$signal: the other target is untouched" "$first" "$(served mail)"
	equal "SIG$signal: nothing more was begun" 2 $(($(calls web) + $(calls mail) - calls))
	no_traces "SIG$signal"
done

# The terminal sends it to the whole process group: the helpers must live long enough for the way back.
printf 'keep\n' >"$tmp/web/moods"
printf 'keep\n' >"$tmp/mail/moods"
start apply
wait_for 10 grep -q 'step=verify result=begin' "$tmp/background.out"
kill -INT "-$running"
ended "the whole group" 130
equal "the whole group: the files are as before" "$before" "$(bytes web)"
equal "the whole group: the earlier certificate is served" "$first" "$(served web)"
no_traces "the whole group"
: >"$tmp/web/moods"
: >"$tmp/mail/moods"

# A rollback leaves the live generation alone, whether it was interrupted while it waited for the proof ...
engine 0 apply
live=$(generation shop)
printf 'keep\nkeep\n' >"$tmp/web/moods"
printf 'keep\nkeep\n' >"$tmp/mail/moods"
start rollback shop
wait_for 10 grep -q 'step=verify result=begin' "$tmp/background.out"
kill -TERM "$running"
ended "a rollback" 143
equal "a rollback: the live generation stays" "$live" "$(generation shop)"
: >"$tmp/web/moods"
: >"$tmp/mail/moods"
engine 0 apply

# ... or before it touched anything: here a step's check takes its time while it is staged.
cat >"$tmp/slow" <<-SLOW
#!/bin/sh
echo >$tmp/slow.began
while test ! -e $tmp/slow.go; do sleep 0.05; done
SLOW
chmod 755 "$tmp/slow"
certificates "$(certificate shop "$(target web web "command = [ \"/bin/true\" ]; check = [ \"$tmp/slow\" ];") $(target mail mail)")"
for command in 'rollback shop' 'apply --force-renew'; do
	rm -f "$tmp/slow.began" "$tmp/slow.go"
	before=$(picture web; picture mail)
	live=$(live shop)
	# shellcheck disable=SC2086
	start $command
	wait_for 10 test -e "$tmp/slow.began"
	kill -TERM "$running"
	echo >"$tmp/slow.go"
	ended "$command while it stages" 143
	equal "$command while it stages: nothing is touched" "$before" "$(picture web; picture mail)"
	[ "$command" != 'rollback shop' ] || equal "a rollback while it stages: the live one stays" "$live" "$(live shop)"
done
engine 0 apply
proven "in the end" shop web
proven "in the end" shop mail
finish
