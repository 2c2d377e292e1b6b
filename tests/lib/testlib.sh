# Sourced by every shell test: . "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
#
# Gives: $certengine (the program of the build tree), $tmp (a private directory that is removed in
# the end), ce (the program under a root of its own, with its directories $etc and $state), requires, cleanup_fn, ok, fail, and a few judges. A test ends with `finish`.

set -u
umask 077
export LC_ALL=C
unset CDPATH NO_COLOR

: "${TOP_SRCDIR:?run the tests through make check, or set TOP_SRCDIR}"
: "${TOP_BUILDDIR:?run the tests through make check, or set TOP_BUILDDIR}"
certengine=$TOP_BUILDDIR/tests/certengine

# The directory's name is printed so that a failure can be looked into with CERTENGINE_KEEP=1.
tmp=$(mktemp -d /var/tmp/certengine-test.XXXXXX) || exit 99
root=$tmp/root
etc=$root$TOP_BUILDDIR/tests/root/etc/certengine
# shellcheck disable=SC2034 # for tests
state=$root$TOP_BUILDDIR/tests/root/var/lib/certengine
mkdir -p "$etc" || exit 99

ce()
{
	"$certengine" --root "$root" "$@"
}

# configure [FILE]: standard input becomes the configuration, or FILE below its directory (conf.d/a.conf).
configure()
{
	mkdir -p "$etc/conf.d"
	cat >"$etc/${1:-certengine.conf}"
}

ce_cleanups=()
ce_judged=0

# cleanup_fn COMMAND [ARGUMENT...]: run at the end, the last named first.
cleanup_fn()
{
	ce_cleanups+=("$(printf '%q ' "$@")")
}

ce_leave()
{
	local status=$? i
	trap - EXIT
	[ "$BASHPID" = "$$" ] || exit "$status" # a child that a signal met before it became another program
	for ((i = ${#ce_cleanups[@]} - 1; i >= 0; i--)); do
		eval "${ce_cleanups[i]}" || true
	done
	if [ "${CERTENGINE_KEEP:-0}" = 1 ]; then
		echo "kept: $tmp"
	else
		rm -rf "$tmp"
	fi
	exit "$status"
}
trap ce_leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# skip TEXT: the test cannot run here. Where everything must run (CERTENGINE_REQUIRE_ALL=1) that is a failure.
skip()
{
	echo "SKIP: $*"
	[ "${CERTENGINE_REQUIRE_ALL:-0}" = 1 ] && exit 1
	exit 77
}

# requires COMMAND...: each must be found (a name in PATH or an absolute path that can be run).
requires()
{
	local command
	for command; do
		command -v "$command" >/dev/null 2>&1 || skip "$command is not on this machine"
	done
}

# requires_root: for tests that change owners.
requires_root()
{
	[ "$(id -u)" = 0 ] || skip "only root can do this"
}

ok()
{
	ce_judged=$((ce_judged + 1))
	echo "ok: $*"
}

fail()
{
	echo "FAIL: $*" >&2
	exit 1
}

# equal WHAT WANTED GOT
equal()
{
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
	ok "$1"
}

# contains WHAT PART TEXT; lacks likewise. PART is taken literally.
contains()
{
	case $3 in
	*"$2"*) ok "$1" ;;
	*) fail "$1: '$2' is not in: $3" ;;
	esac
}

lacks()
{
	case $3 in
	*"$2"*) fail "$1: '$2' is in: $3" ;;
	*) ok "$1" ;;
	esac
}

# run WANTED COMMAND...: runs it, judges the exit status; $out and $err are what it said.
run()
{
	local wanted=$1 got=0
	shift
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || got=$?
	out=$(cat "$tmp/.out")
	err=$(cat "$tmp/.err")
	if [ "$got" != "$wanted" ]; then
		fail "'$*' ended with $got instead of $wanted
stdout: $out
stderr: $err"
	fi
	ok "'${*##*/}' ends with $wanted"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || fail "waited in vain for: $*"
		sleep 0.05
	done
}

# port_free: prints a TCP port of 127.0.0.1 on which nobody listens now.
port_free()
{
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# finish: the last line of a test; one that judged nothing did not pass.
finish()
{
	[ "$ce_judged" -gt 0 ] || fail "the test judged nothing"
	echo "$ce_judged judgements, all good"
	exit 0
}
