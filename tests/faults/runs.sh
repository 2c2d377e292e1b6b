# What a run must withstand from outside: another run at the same time, a signal, a file that somebody else changes
# between two runs, and a product that is changed while it is being deployed.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
sample_start
run 0 engine apply
sample_judge "first installation"

# --- two runs at once: the second waits as long as it was told, then says so with 6; nothing is touched twice
cat >"$tmp/slow" <<-SLOW
#!/bin/sh
touch $tmp/reloading
while [ ! -e $tmp/go ]; do sleep 0.02; done
exec $tmp/reload
SLOW
chmod 755 "$tmp/slow"
sed -i "s,reload = .*,reload = [ \"$tmp/slow\" ];," "$config"
"$certengine" -c "$config" --root "$tmp/root" apply --force-renew >"$tmp/first.log" 2>&1 &
first=$!
wait_for 30 test -e "$tmp/reloading"
run 6 engine --lock-wait 0 apply
contains "the second run says why" "another" "$err"
engine --lock-wait 30 apply >"$tmp/second.log" 2>&1 &
second=$!
touch "$tmp/go"
wait $first || fail "the first run failed: $(cat "$tmp/first.log")"
wait $second || fail "the waiting run failed: $(cat "$tmp/second.log")"
ok "the first run went through, and so did one that waited"
sample_judge "two runs"

# --- SIGTERM in the middle: what is under way is ended or taken back, not left half done
rm -f "$tmp/reloading" "$tmp/go"
"$certengine" -c "$config" --root "$tmp/root" apply --force-renew >"$tmp/first.log" 2>&1 &
first=$!
wait_for 30 test -e "$tmp/reloading"
kill -TERM $first
touch "$tmp/go"
status=0
wait $first || status=$?
equal "the run tells that a signal ended it" 143 "$status"
sample_judge "after SIGTERM, without a further run"
ok "what was under way was ended properly"

# --- P7: killed in the middle, and somebody edits a file before the next run: the edit stays, and help is asked for
sed -i "s,reload = .*,reload = [ \"$tmp/reload\" ];," "$config"
sed -i 's,plugin = "sample";,plugin = "sample"; content = "first";,' "$config"
run 0 engine apply
sed -i 's,content = "first",content = "second",' "$config"
rm -f "$tmp/count"
total=$(count_calls renameat2+fork apply)
sample_save
sed -i 's,content = "second",content = "third",' "$config"
edited=no
for ((n = total; n > 0; n--)); do
	sample_restore
	with_fault "only:renameat2+fork,kill:$n" apply
	equal_quietly "killed at call $n" 137 "$status"
	if grep -q third "$product/note" && [ -n "$(ls -A "$(state_directory)/journal")" ]; then
		echo "an operator was here" >"$product/note"
		edited=yes
		break
	fi
done
[ $edited = yes ] || fail "no kill left the new file behind in an unfinished transaction"
with_fault "" recover
equal "recover over a foreign edit asks for help" 5 "$status"
equal "the foreign edit stays" "an operator was here" "$(cat "$product/note")"
contains "the message names the file" "$product/note" "$(cat "$tmp/.said")"
with_fault "" recover
equal "and it was not forgotten, but is said once" 0 "$status"
finish
