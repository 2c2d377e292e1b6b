# Deployments that fail: what was there is there again, proved, told with its step, kept, and tried again.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server other
deadline=1
certificates "$(certificate shop "$(target web web)")"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=foreign -days 2 -keyout "$tmp/web/other-key.pem" \
	-out "$tmp/web/other-cert.pem" 2>/dev/null

# as_before WHAT EXIT: the same files, the same certificate served, nothing left of the attempt.
as_before()
{
	equal "$1: the files are what they were" "$before" "$(bytes web)"
	no_traces "$1"
}

# The very first installation fails: nothing is there afterwards.
before=$(bytes web 2>/dev/null)
printf 'fail\n' >"$tmp/web/moods"
engine 1 apply
as_before "a first installation whose reload fails"
contains "the step is named" "failed at reload" "$out"
contains "and what the product said" "the product refused" "$out"
engine 0 apply
proven "the next run" shop web
equal "it used the certificate that was there" 1 "$(generation shop)"

# attempt NAME EXIT STEP TEXT: a renewal under the moods fails; then a run without them succeeds.
attempt()
{
	local name=$1 status=$2 step=$3 text=$4 old next
	old=$(served web)
	before=$(bytes web)
	next=$(($(generation shop) + 1))
	engine "$status" apply --force-renew
	contains "$name: the step is named" "failed at $step" "$out"
	contains "$name: the reason is named" "$text" "$out"
	contains "$name: the target is named" "shop/web" "$out"
	equal "$name: the new certificate is kept" "$next" "$(generation shop)"
	if [ "$status" = 1 ]; then
		as_before "$name"
		equal "$name: the old certificate is served" "$old" "$(served web)"
		contains "$name: that is told" "the earlier certificate is served" "$out"
	else
		equal "$name: the files are what they were" "$before" "$(bytes web)"
		contains "$name: that help is needed is told" "please look at it" "$out"
		contains "$name: where the earlier files are kept is told" "$state/journal/kept" "$out"
	fi
	engine 0 status
	contains "$name: status knows" "failed at $step" "$out"
	contains "$name: status knows the state" "web failed" "$out"
}

again()
{
	local generation
	: >"$tmp/web/moods"
	generation=$(generation shop)
	engine 0 apply
	equal "$1: the next run requests nothing" "$generation" "$(generation shop)"
	proven "$1: the next run" shop web
	engine 0 status
	lacks "$1: status is clean again" "failed" "$out"
}

printf 'fail\n' >"$tmp/web/moods"
attempt "the reload fails" 1 reload "the product refused"
again "the reload fails"

printf 'keep\nkeep\n' >"$tmp/web/moods"
attempt "the old certificate stays" 1 verify "serves another certificate"
again "the old certificate stays"

printf 'other\n' >"$tmp/web/moods"
attempt "another certificate is served" 1 verify "serves another certificate"
again "another certificate is served"

# A failure stays a failure as long as its cause is there, and the same certificate is used for each try.
printf 'keep\nkeep\nkeep\nkeep\n' >"$tmp/web/moods"
attempt "it fails twice" 1 verify "serves another certificate"
engine 1 apply
equal "it fails twice: no further certificate" 5 "$(generation shop)"
as_before "it fails twice"
again "it fails twice"

# A product that refuses both reloads serves what it served: that is proved, so nobody has to help.
printf 'fail\nfail\n' >"$tmp/web/moods"
attempt "both reloads fail" 1 reload "the product refused"
as_before "both reloads fail"
again "both reloads fail"

# What cannot be taken back asks for help (exit 5), and says where the earlier files are.

printf 'other\nother\n' >"$tmp/web/moods"
attempt "a foreign certificate stays" 5 verify "serves another certificate"
again "a foreign certificate stays"

printf 'die\n' >"$tmp/web/moods"
attempt "the server dies" 5 verify "onnection refused"
server_start web
again "the server dies"

# Exit 5 stands also beside a target that went well, and the report is whole.
certificates "$(certificate shop "$(target web web) $(target other other)")"
engine 0 apply
printf 'other\nother\n' >"$tmp/web/moods"
engine 5 --json apply --force-renew
judge='import json, sys
report = json.load(sys.stdin)
targets = {t["name"]: t for t in report["certificates"][0]["targets"]}
print(report["exit"], targets["web"]["state"], targets["web"]["step"], targets["other"]["state"])'
equal "the report tells them apart" "5 unknown verify deployed" "$(python3 -c "$judge" <<<"$out")"
again "one of two"

# One fails, one succeeds: exit 3.
printf 'fail\n' >"$tmp/web/moods"
engine 3 --json apply --force-renew
equal "the report tells them apart" "3 rolled-back reload deployed" "$(python3 -c "$judge" <<<"$out")"
proven "the healthy one" shop other
printf 'fail\n' >"$tmp/web/moods"
engine 3 -q apply
contains "quiet is complete on failure" "the product refused" "$out$err"
again "one of two fails"
finish
