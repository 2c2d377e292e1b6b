# When the CA hints at the renewal of a certificate (RFC 9773), through the whole program on a clock that CE_FAULT moves.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start --ari
wanted()
{
	configure <<-CONF
	issuers: {
	  ca: { kind = "acme"; $fake_options ${options:-} };
	  house: { kind = "local"; };
	};
	certificates: {
	  one: { issuer = "ca"; names = [ "one.test" ]; ${1:-} };
	  two: { issuer = "ca"; names = [ "two.test" ]; };
	};
	CONF
}
later()
{
	local seconds=$1
	shift
	CE_FAULT=now:$seconds engine "$@"
}
# renewal MEMBER [SECONDS]: of the first certificate in `status --json` so much later.
renewal()
{
	CE_FAULT=now:${2:-0} "$certengine" -c "$conf" --root "$root" --json status |
		python3 -c "import json,sys; print(json.load(sys.stdin)['certificates'][0]['renewal']['$1'])"
}
# moment SECONDS: so much from now, as in JSON.
moment()
{
	date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}
# between WHAT A MOMENT B
between()
{
	if [[ $3 < $2 || $4 < $3 ]]; then
		fail "$1: $3 is not between $2 and $4"
	fi
}
# window FROM TO [RETRY-AFTER [MORE]]: what the CA hints at from now on.
window()
{
	rules "{\"renewal\": {\"headers\": {\"Retry-After\": ${3:-null}}, \"body\": {\"suggestedWindow\":
		{\"start\": \"$1\", \"end\": \"$2\"} ${4:-}}}}"
}
hints()
{
	asked | grep -c renewal
}

# Right after issuance (I7), in one batch; kept, told, and not asked again before its time.
wanted
rules ''
engine 0 apply
equal "each certificate's hint is asked for once" 2 "$(hints)"
chosen=$(renewal at)
between "the moment is in the window (I3)" "$(moment $((18 * 86400 - 60)))" "$chosen" "$(moment $((20 * 86400)))"
contains "the reason is told" "the CA hints at this time" "$(renewal why)"
rules ''
engine 0 apply
equal "nothing to do, and no poll due: nobody is asked" "" "$(asked)"
later 21000 0 apply
equal "nor before the time that the CA named (I5)" "" "$(asked)"
later 21700 0 apply
equal "then both are asked for" 2 "$(hints)"
lacks "and nothing else" neworder "$(asked)"

# The moment is kept until the window changes (I3).
start=$(moment $((15 * 86400))) end=$(moment $((25 * 86400)))
window "$start" "$end" '"21600"' ', "explanationURL": "https://ca.test/why"'
later 44000 0 apply
chosen=$(renewal at 44000)
between "another window, another moment" "$start" "$chosen" "$end"
equal "the CA's page is told (I8)" "https://ca.test/why" "$(renewal explanation 44000)"
contains "in status too" "the CA hints at this time: https://ca.test/why" "$(CE_FAULT=now:44000 "$certengine" -c "$conf" --root "$root" status)"
contains "and in plan" "https://ca.test/why" "$(CE_FAULT=now:44000 "$certengine" -c "$conf" --root "$root" plan)"
later 67000 0 apply
equal "the same window, the same moment" "$chosen" "$(renewal at 67000)"

# Waits outside of a minute and a day are brought inside (I5).
for case in '"5" 61' '"864000" 86401' 'null 21601' '"soon" 21601'; do
	read -r value wait <<<"$case"
	rm -rf "$state"
	window "$start" "$end" "$value"
	engine 0 apply
	window "$start" "$end" "$value"
	later $((wait - 30)) 0 apply
	equal "Retry-After $value: not before" 0 "$(hints)"
	later $((wait + 10)) 0 apply
	equal "Retry-After $value: after $wait s" 2 "$(hints)"
done

# What is no answer is as if none had come (I4).
rm -rf "$state"
window "$end" "$start"
engine 0 apply
contains "a window that ends before it begins: the rule" "a third of its lifetime is left then" "$(renewal why)"
rules '{"renewal": {"body": "{"}}'
rm -rf "$state"
engine 0 apply
contains "no JSON: the rule" "a third of its lifetime is left then" "$(renewal why)"

# Failures of the CA: soon again, then less and less often (I6).
rm -rf "$state"
rules '{"renewal": {"status": 500, "body": ""}}'
engine 0 apply
rules '{"renewal": {"status": 500, "body": ""}}'
later 30 0 apply
equal "not within the minute" 0 "$(hints)"
later 70 0 apply
[ "$(hints)" -ge 2 ] || fail "a minute later it is asked again: $(asked)"
rules ''
later 200 0 apply
equal "but then not for four" 0 "$(hints)"
later 330 0 apply
contains "and then there is one" "the CA hints at this time" "$(renewal why 330)"

# A window in the past is now; the order says what it replaces.
window "$(moment -20000)" "$(moment -10000)" '"60"'
later 22000 0 apply
contains "a past window: at once" "2 issued" "$out"
contains "the order tells what it replaces" "asks: replaces" "$(asked)"
rules ''

# A renewal that a hint asks for keeps to the back-off (I10).
rm -rf "$state"
engine 0 apply
past="\"renewal\": {\"body\": {\"suggestedWindow\": {\"start\": \"$(moment -20000)\", \"end\": \"$(moment -10000)\"}}}"
rules "{$past, \"neworder\": {\"status\": 403, \"body\": {\"type\": \"urn:ietf:params:acme:error:dns\", \"detail\": \"no\"}}}"
later 22000 1 apply
contains "it is due by the hint" "the time that the CA hinted at has come" "$out"
rules "{$past}"
later 22030 7 apply
equal "a hint ends no back-off (I10)" "" "$(asked)"
later 22100 0 apply

# It can hold a renewal off until a twentieth of the lifetime is left, no longer (I9): the fake CA's live for 30 days.
rm -rf "$state"
window "$(moment $((40 * 86400)))" "$(moment $((50 * 86400)))"
engine 0 apply
between "a twentieth is left" "$(moment $((2840 * 864)))" "$(renewal at)" "$(moment $((2860 * 864)))"
contains "and that is told" "a twentieth of its lifetime is left then, and the CA hints at a later time" "$(renewal why)"

# A fraction that is configured is the latest moment.
rm -rf "$state"
wanted 'renew = 0.8;'
rules ''
engine 0 apply
contains "the operator's word counts" "0.8 of its lifetime is left then, as configured" "$(renewal why)"

# After expiry the CA is not asked (I7); a clock that was ahead keeps no poll away.
rm -rf "$state"
wanted
rules ''
later $((300 * 86400)) 1 apply
rm -rf "$state"
engine 0 apply
rules '{"neworder": {"status": 500, "body": ""}, "directory": {"status": 500, "body": ""}}'
later $((31 * 86400)) 1 apply
equal "no hint for what has expired" 0 "$(hints)"

# The rehearsal: at another directory, with nothing installed or kept but the account there.
rm -rf "$state"
wanted
engine 1 apply --staging
contains "no staging environment is known" "no staging environment of issuer 'ca' is known: set its staging_directory" "$out"
options="staging_directory = \"$fake_directory\";"
wanted
rules ''
engine 0 apply --staging
contains "it goes to the end" "step=rehearsal result=ok" "$out"
equal "no certificate is kept" "" "$(find "$state" -name '*.pem' -path '*certificates*')"
equal "but the account is" "ca.staging" "$(ls "$state/issuers")"
engine 0 apply
contains "the real thing is not influenced" "2 issued" "$out"
rules '{"neworder": {"status": 403, "body": {"type": "urn:ietf:params:acme:error:caa", "detail": "no"}}}'
engine 1 apply --staging
contains "a failure is told" "one: failed at order" "$out"
rules ''
engine 0 apply
lacks "and changes nothing" "issued" "$out"
finish
