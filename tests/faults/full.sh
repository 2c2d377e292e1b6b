# The disk is full at every single call that needs room, for this call or from it on. A run that fails leaves the
# product as it was (P5); when there is room again the next run makes it whole (P1).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
sample_start
calls=write+fsync+mkdirat+renameat2+ftruncate
run 0 engine apply
sample_save
total=$(count_calls "$calls" -q apply --force-renew)

# One call: everything can still be put back, so either all is as before, or it went through entirely and only what is
# noted down afterwards failed.
failed=0
for ((n = 1; n <= total; n++)); do
	sample_restore
	with_fault "only:$calls,fail:$n:ENOSPC" -q apply --force-renew
	[ "$status" = 0 ] || failed=$((failed + 1))
	[ "$status" = 0 ] || grep -q "No space left" "$tmp/.said" || fail "call $n: the reason is not told: $(cat "$tmp/.said")"
	if [ "$status" = 0 ] || { [ "$status" != 5 ] && [ "$saved_state" != "$(product_state)" ]; }; then
		sample_judge "call $n"
	elif [ "$status" = 1 ] || [ "$status" = 3 ]; then
		equal_quietly "call $n: the product's files" "$saved_state" "$(product_state)"
		equal_quietly "call $n: what is served" "$saved_served" "$(served)"
	else
		fail "call $n: ended with $status: $(cat "$tmp/.said")"
	fi
	with_fault "" apply
	[ "$status" = 0 ] || fail "call $n: the next run ended with $status: $(cat "$tmp/.said")"
	sample_judge "call $n, next run"
done
[ "$failed" -gt 0 ] || fail "no call that failed made a run fail"
ok "one failing call of $total: $failed runs said so; each left all as before or entirely new"

# From a call on: putting back may need room too, so help may be asked for (5); the next run needs none.
for ((n = 1; n <= total; n++)); do
	sample_restore
	with_fault "only:$calls,failall:$n:ENOSPC" -q apply --force-renew
	case $status in
	0 | 1 | 3 | 5) ;;
	*) fail "from call $n on: ended with $status: $(cat "$tmp/.said")" ;;
	esac
	with_fault "" apply
	[ "$status" = 0 ] || fail "from call $n on: the next run ended with $status: $(cat "$tmp/.said")"
	sample_judge "from call $n on, next run"
done
ok "a disk that is full from any of $total calls on: whole after the next run"
finish
