# The engine is killed before every single call that changes a file or a process, in a first installation. Whatever was
# half done, the next run makes it whole, and what is installed is served (P1).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
sample_start
sample_save
kill_everywhere "first installation" -q apply
finish
