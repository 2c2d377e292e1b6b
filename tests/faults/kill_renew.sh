# The engine is killed before every single call that changes a file or a process, in a renewal. Whatever was half done, the
# next run makes it whole: entirely old or entirely new, and served (P1, P3).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
sample_start
run 0 engine apply
sample_save
kill_everywhere renewal -q apply --force-renew
finish
