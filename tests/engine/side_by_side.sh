# Products that share nothing are deployed side by side: a slow one holds up nobody, a killed one harms nobody.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

deadline=5
products="a b c d e f"
for product in $products; do
	server "$product"
	mv "$tmp/$product/reload" "$tmp/$product/load"
	cat >"$tmp/$product/reload" <<-RELOAD
	#!/bin/sh
	echo \$PPID >"$tmp/$product/worker"
	[ ! -x "$tmp/first" ] || "$tmp/first" $product || exit 1
	exec "$tmp/$product/load"
	RELOAD
	chmod 755 "$tmp/$product/reload"
done
certificates "$(for product in $products; do certificate "$product" "$(target t "$product")"; done)"

# before_load COMMANDS: what each reload does before anything else; $1 is the product.
before_load()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$tmp/first.new"
	chmod 755 "$tmp/first.new"
	mv "$tmp/first.new" "$tmp/first"
}

all_proven()
{
	local product
	for product in $products; do
		proven "$1: $product" "$product" "$product"
	done
	no_traces "$1"
}

# A reload ends only when four of them have begun: one after the other would never end. Four is also the most there is.
before_load "cd $tmp
	mkdir begun-\$1
	ls -d begun-* running-* 2>/dev/null | wc -l >>seen
	until [ \"\$(ls -d begun-* | wc -l)\" -ge 4 ]; do sleep 0.02; done"
engine 0 -vv apply
all_proven "four at a time"
lacks "each process ends when there is nothing left to do" "did not end by itself" "$err"
equal "each was reloaded once" "1 1 1 1 1 1" "$(for product in $products; do calls "$product"; done | xargs)"
rm -rf "$tmp"/begun-*
before_load "cd $tmp
	mkdir running-\$1 || exit 1
	ls -d running-* | wc -l >>most
	sleep 0.3
	rmdir running-\$1"
engine 0 apply --force-reload
[ "$(sort -n "$tmp/most" | tail -n 1)" -le 4 ] || fail "more than four at a time: $(sort -n "$tmp/most" | tail -n 1)"
: >"$tmp/most"
engine 0 apply --force-reload --jobs 1
equal "--jobs 1 deploys one after the other" 1 "$(sort -n "$tmp/most" | tail -n 1)"
for wrong in 0 65 x ''; do
	engine 2 apply --jobs "$wrong"
done
contains "the range is told" "--jobs takes a number from 1 to 64" "$(engine 2 apply --jobs 0; echo "$err")"

# One fails, the others do not care; each event names its target.
before_load "[ \$1 != c ]"
before=$(bytes c)
engine 3 apply --force-renew
contains "the one that failed is told" "c/t: failed at reload" "$out"
contains "events come from all of them" "certificate=f target=t plugin=sample step=verify result=ok" "$out"
equal "its files are as before" "$before" "$(bytes c)"
proven "the others went through" a a
before_load true
engine 0 apply
all_proven "afterwards"

# A process that deploys is killed: the run repairs what it left, the others are not disturbed.
before_load "[ \$1 != b ] || ! mkdir $tmp/killed 2>/dev/null || kill -9 \$(cat $tmp/b/worker)"
engine 3 --json apply --force-renew
contains "it is told" "its process ended in the middle" "$out"
contains "it is repaired in the same run" '"recovered"' "$out"
no_traces "a killed process"
proven "the others went through" a a
proven "the others went through" f f
before_load true
engine 0 apply
all_proven "after a killed process"

# The whole run is killed while four are under way: all its processes end at once, and the next run repairs them all.
before_load "cd $tmp; mkdir -p held; touch held/\$1; exec sleep 60"
"$certengine" -c "$conf" --root "$root" apply --force-renew >/dev/null 2>&1 &
running=$!
wait_for 20 test -e "$tmp/held/a" -a -e "$tmp/held/b" -a -e "$tmp/held/c" -a -e "$tmp/held/d"
workers=$(cat "$tmp"/[abcd]/worker)
kill -9 "$running"
wait "$running" 2>/dev/null
for worker in $workers; do
	wait_for 5 test ! -e "/proc/$worker/root"
done
rm "$tmp/first"
engine 0 apply
all_proven "after a killed run"

# A signal ends all that are under way, and each is taken back.
before_load "cd $tmp; mkdir -p signalled; touch signalled/\$1"
for product in $products; do
	echo keep >"$tmp/$product/moods"
done
before=$(for product in $products; do bytes "$product"; done)
"$certengine" -c "$conf" --root "$root" apply --force-renew >"$tmp/background" 2>&1 &
running=$!
wait_for 20 test -e "$tmp/signalled/a" -a -e "$tmp/signalled/b" -a -e "$tmp/signalled/c" -a -e "$tmp/signalled/d"
kill -TERM "$running"
status=0
wait "$running" || status=$?
equal "the signal is in the exit status" 143 "$status"
equal "everything is as before" "$before" "$(for product in $products; do bytes "$product"; done)"
no_traces "a signal"
for product in $products; do
	: >"$tmp/$product/moods"
done
engine 0 apply
all_proven "in the end"
finish
