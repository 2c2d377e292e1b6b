# What a CA allows is kept to before it has to say so (protocols.md 4.1), through the whole program.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start

# wanted LIMITS CERTIFICATE...: each certificate is NAME:HOST[,HOST].
wanted()
{
	local limits=$1 one text=
	shift
	for one; do
		text="$text ${one%%:*}: { issuer = \"ca\"; names = [ \"$(echo "${one#*:}" | sed 's/,/", "/g')\" ]; };"
	done
	configure <<-CONF
	issuers: { ca: { kind = "acme"; $fake_options limits: { $limits }; }; };
	certificates: { $text };
	CONF
}
later()
{
	local seconds=$1
	shift
	CE_FAULT=now:$seconds engine "$@"
}
ordered()
{
	asked | grep -c neworder
}

# Orders of the account: two, then one each half hour; the rest is told its time and comes back, across runs.
wanted 'orders = "2/1h";' a:a.test b:b.test c:c.test d:d.test
rules ''
engine 7 apply
equal "as many orders as the account has" 2 "$(ordered)"
contains "the others wait" "(2 issued, 2 waiting)" "$out"
contains "they know why" "issuer 'ca' allows only so many orders of an account in a time, and no more before" "$out"
rules ''
engine 7 apply
equal "nobody is asked before the time" "" "$(asked)"
later 1810 7 apply
equal "one more after half an hour" 1 "$(ordered)"
later 3620 0 apply
equal "and the last one then" 2 "$(ordered)"

# Certificates of one registered domain, by the public suffix list; another domain is another bucket.
rm -rf "$state"
wanted 'certificates = "1/1h";' a:a.example.co.uk b:b.example.co.uk c:a.other.co.uk
rules ''
engine 7 apply
equal "one for each domain" 2 "$(ordered)"
contains "the domain is told" "certificates for example.co.uk in a time" "$out"

# Exactly the same names: a renewal is the same set, and is let through only so often.
rm -rf "$state"
wanted 'identical = "1/1h"; certificates = "1/1h";' a:a.test
rules ''
engine 0 apply
engine 7 apply --force-renew
contains "the same names again" "certificates for exactly these names in a time" "$out"
later 3700 0 apply --force-renew
wanted 'certificates = "1/1h"; orders = "1/1h";' a:a.test
later 3800 0 apply --force-renew
contains "a renewal counts for nothing else" "1 issued" "$out"

# Failed proofs of a name.
rm -rf "$state"
wanted 'failures = "2/1h";' a:a.test
failing='{"challenge": {"patch": {"status": "invalid"}}, "order": {"patch": {"status": "invalid"}},
	"authz": {"patch": {"status": "invalid"}, "patch_challenge": {"status": "invalid", "error": {"type": "urn:ietf:params:acme:error:dns", "detail": "no"}}}}'
rules "$failing"
engine 1 apply a
rules "$failing"
engine 1 apply a
rules "$failing"
engine 7 apply a
equal "a third failure is not risked" 0 "$(ordered)"
contains "the name is told" "failed proofs of a.test in a time" "$out"

# Requests: four at once, then ten a second: fifteen or so take a second.
rm -rf "$state"
wanted 'requests = "4/1s";' a:a.test
rules ''
begin=$(date +%s%N)
engine 0 apply
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -ge 750 ] || fail "requests were not held back: $took ms for $(asked | wc -l)"

# Far too few: the order ends as pending, with the time.
rm -rf "$state"
wanted 'requests = "2/1h";' a:a.test
rules ''
engine 7 apply
contains "no request before its time" "waiting: " "$out"
[ "$(asked | grep -vc 'directory\|connect')" -le 2 ] || fail "more requests than allowed: $(asked)"

# What is no rate is refused, with its line.
wanted 'orders = "many";' a:a.test
engine 2 check
contains "a rate that is none" "issuer 'ca': limits.orders: 'many' is no rate" "$err"
finish
