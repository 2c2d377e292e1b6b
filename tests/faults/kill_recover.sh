# The repair of a killed run is itself killed at every call (P6): after a kill in the middle of the switch, and after one while
# the product reloads.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
deadline=1
sample_start
run 0 engine apply
sample_save
calls=renameat2+fork
total=$(count_calls "$calls" -q apply --force-renew)

# The points at which the product's files are half new, and those behind them.
points=
for ((n = total; n > 0; n--)); do
	sample_restore
	with_fault "only:$calls,kill:$n" -q apply --force-renew
	[ "$(product_state)" = "$saved_state" ] || points="$n $points"
done
[ -n "$points" ] || fail "no kill left a changed file behind"

for point in $points; do
	sample_restore
	with_fault "only:$calls,kill:$point" -q apply --force-renew
	sample_save
	kill_everywhere "repair of a run killed at call $point" -q recover
done
finish
