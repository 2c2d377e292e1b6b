# valgrind.sh PROGRAM: fails when valgrind finds something in PROGRAM or it does not run to its end. The program's own
# judgement is left to the plain run: valgrind may know fewer system calls than the kernel (that of Debian 12 has
# neither openat2 nor pidfd_open), so what tests those fails here for no fault of ours.
status=0
export CE_TEST_BRIEF=1 # enumerations take larger steps
"$TOP_BUILDDIR/libtool" --mode=execute valgrind -q --error-exitcode=9 --leak-check=full \
	--errors-for-leak-kinds=definite,indirect --num-callers=24 --child-silent-after-fork=yes "$@" || status=$?
[ "$status" -le 1 ]
