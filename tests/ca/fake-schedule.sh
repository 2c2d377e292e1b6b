# When a CA is asked again: back-off by class, limits, waits, the way to the next issuer, and a clock that jumps; all through
# the whole program, on a clock that CE_FAULT moves (protocols.md 7.2).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start

# wanted ISSUER [MORE]: the certificate "one" from it, and what else is configured.
wanted()
{
	configure <<-CONF
	issuers: {
	  ca: { kind = "acme"; $fake_options ${options:-} };
	  house: { kind = "local"; };
	};
	certificates: {
	  one: { issuer = $1; names = [ "one.test" ]; };
	  ${2:-}
	};
	CONF
}
forget()
{
	rm -rf "$state"
}
# later SECONDS WANTED ARGUMENT...: the program so much later.
later()
{
	local seconds=$1
	shift
	CE_FAULT=now:$seconds engine "$@"
}
# member NAME: of the first certificate in `status --json` so much later ($1).
member()
{
	CE_FAULT=now:${2:-0} "$certengine" -c "$conf" --root "$root" --json status |
		python3 -c "import json,sys; print(json.load(sys.stdin)['certificates'][0]['$1'])"
}
ordered()
{
	asked | grep -c neworder
}
refused='"status": 403, "type": "application/problem+json"'
dns="{\"neworder\": {$refused, \"body\": {\"type\": \"urn:ietf:params:acme:error:dns\", \"detail\": \"no such name\"}}}"

# The environment: 1, 4, 16 minutes, by a quarter more or less; each try is one order.
wanted '"ca"'
rules "$dns"
engine 1 apply
contains "class and count are told" "(environment, 1 in a row); next try at" "$out"
rules "$dns"
engine 7 apply
contains "a back-off is told with its time" "issuer 'ca' failed 1 time in a row (environment) and is tried again at" "$out"
contains "and with its reason" "no such name" "$out"
equal "nobody is asked meanwhile" "" "$(asked)"
later 40 7 apply
equal "nor after 40 s" "" "$(asked)"
later 80 1 apply
equal "but after 80 s, once" 1 "$(ordered)"
equal "JSON counts" "2" "$(member failures 80)"
equal "JSON has the class" "environment" "$(member failure_class 80)"
equal "JSON has the state" "waiting" "$(member state 80)"
later 200 7 apply
equal "the second wait is longer" 1 "$(ordered)"
engine 0 status
contains "status tells the next try" "is tried again at" "$out"
engine 7 plan
contains "so does plan" "is tried again at" "$out"
engine 0 check
contains "so does check" "is tried again at" "$out"

# Named by the operator, it is tried at once; so it is after a change of the configuration.
rules "$dns"
engine 1 apply one
equal "a certificate that is named is tried at once" 1 "$(ordered)"
engine 7 apply
engine 1 apply --force-renew
equal "so it is by --force-renew" 2 "$(ordered)"
engine 7 apply
options='contact = [ "mailto:a@one.test" ];'
wanted '"ca"'
engine 1 apply
equal "another configuration of the issuer is tried at once" 3 "$(ordered)"
options=
rules ''
wanted '"ca"'
engine 0 apply
equal "success forgets failures" "0" "$(member failures)"
equal "and their class" "None" "$(member failure_class)"

# A clock that was ahead and was set back freezes nothing.
forget
rules "$dns"
later $((400 * 86400)) 1 apply
rules "$dns"
engine 1 apply
equal "a clock set back by a year: tried" 1 "$(ordered)"

# Killed between the failure and its record: the next run goes on, and remembers then.
forget
CE_FAULT=trace:$tmp/trace engine 1 apply
point=$(awk '/issue\.json/ { print $1; exit }' "$tmp/trace")
[ -n "$point" ] || fail "no step keeps the failure: $(cat "$tmp/trace")"
forget
CE_FAULT=kill:$point "$certengine" -c "$conf" --root "$root" apply >/dev/null 2>&1
rules "$dns"
engine 1 apply
equal "killed before the failure was kept: tried again" 1 "$(ordered)"
engine 7 apply

# Limits: as long as the CA says, for every certificate of the issuer, whoever asks (E4).
two='two: { issuer = "ca"; names = [ "two.test" ]; };'
limit()
{
	rules "{\"neworder\": {\"status\": 429, \"type\": \"application/problem+json\", \"headers\": {\"Retry-After\": \"$1\"},
		\"body\": {\"type\": \"urn:ietf:params:acme:error:rateLimited\", \"detail\": \"too many\"}}}"
}
forget
wanted '"ca"' "$two"
limit 86400
engine 1 apply one
contains "a limit is told with its time" "(limit, 1 in a row); next try at" "$out"
rules ''
engine 7 apply
equal "no certificate of that CA is asked for" "" "$(asked)"
contains "the other one knows why" "two: waiting: issuer 'ca' asked not to be called before" "$out"
engine 7 apply one --force-renew
equal "not even by force" "" "$(asked)"
later 3700 0 apply two
contains "a limit may be about one certificate: the others wait for an hour" "1 issued" "$out"
rules ''
later 80000 7 apply
equal "the one that was refused waits on" "" "$(asked)"
later 86500 0 apply
contains "after a day all is well" "1 issued" "$out"

# Retry-After of nothing, a few seconds, the past, garbage.
for value in 0 3 'Wed, 21 Oct 2015 07:28:00 GMT' soon -5; do
	forget
	wanted '"ca"'
	limit "$value"
	engine 1 apply
	rules ''
	later 90 0 apply
	contains "Retry-After: $value keeps nobody longer than the first back-off" "1 issued" "$out"
done

# 503 with a wait of a day at the directory: the whole CA.
forget
wanted '"ca"' "$two"
rules '{"directory": {"status": 503, "headers": {"Retry-After": "86400"}, "body": ""}}'
engine 1 apply one
rules ''
later 4000 7 apply
equal "a CA that is closed for a day is left alone for a day" "" "$(asked)"

# A paused name needs a person (E5).
forget
wanted '"ca"'
rules '{"neworder": {"status": 429, "body": {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "paused, see https://ca.test/unpause?x"}}}'
engine 1 apply
contains "a pause calls for a person" "needs somebody to look at it" "$out$err"
later 60000 7 apply
contains "status has the alert" "alert: it cannot be issued" "$(CE_FAULT=now:60000 "$certengine" -c "$conf" --root "$root" status)"

# An order that the CA keeps for long: exit 7 with the time, and the very order is taken up.
forget
rules '{"order": {"headers": {"Retry-After": "86400"}, "patch": {"status": "processing"}},
	"finalize": {"headers": {"Retry-After": "86400"}, "patch": {"status": "processing"}}}'
engine 7 apply
contains "a long wait is told with its time" "waiting: the issuer asks to wait; the next run takes it up again (until " "$out"
rules ''
engine 7 apply
equal "it is not asked before" "" "$(asked)"
later 86500 0 apply
equal "the order is the same" 0 "$(ordered)"

# Less than a sixth of the lifetime is left, and renewal fails: an alert. The fake CA's certificates live for 30 days.
forget
wanted '"ca"'
rules ''
engine 0 apply
rules "$dns"
later $((24 * 86400)) 1 apply
lacks "in time nobody is alarmed" "sixth" "$err"
rules "$dns"
later $((26 * 86400)) 1 apply
contains "late there is a warning" "less than a sixth of its lifetime is left" "$err"
later $((26 * 86400 + 60)) 0 status
contains "and an alert in status" "alert: it cannot be issued and somebody should look at it" "$out"

# Three failures of the CA's own: the next issuer, and back again later.
forget
wanted '[ "ca", "house" ]'
rules '{"neworder": {"status": 500, "body": ""}}'
engine 1 apply one
engine 1 apply one
equal "two failures are no reason to go elsewhere" 0 "$(find "$state/certificates/one" -name leaf.pem | wc -l)"
engine 0 apply one
contains "after the third the next issuer is asked" "1 issued" "$out"
equal "its name is told" "house" "$(member issuer)"
engine 0 apply
lacks "and nothing is due" "issued" "$out"
engine 0 verify
rules ''
later 7200 0 apply --force-renew
equal "the first one is returned to" "ca" "$(member issuer 7200)"
finish
