# A CA that answers with a certificate nobody asked for: one clear error, the old one stays and is served.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

server web
fake_start
configure <<-CONF
	issuers: { ca: { kind = "acme"; $fake_options }; };
	certificates: {
	  shop: { issuer = "ca"; names = [ "shop.example.test" ]; targets: { $(target web web) }; };
	};
CONF
engine 0 apply
proven "the first certificate" shop web
first=$(live shop)
before=$(picture web)
reloads=$(calls web)

# signed ARGUMENT...: a chain of the same CA for a key of its own, as a JSON string.
signed()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -addext "subjectAltName=DNS:shop.example.test" \
		-keyout "$tmp/other.key" -out "$tmp/other.csr" 2>/dev/null || fail "no request"
	openssl x509 -req -in "$tmp/other.csr" -CA "$tmp/pebble-ca.pem" -CAkey "$tmp/pebble-ca.key" -set_serial 77 -days 30 \
		-copy_extensions copyall "$@" 2>/dev/null | cat - "$tmp/pebble-ca.pem" |
		python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))'
}

# refused WHAT RULES STEP TEXT
refused()
{
	rules "$2"
	engine 3 apply --force-renew
	contains "$1: it is told, with certificate and step" "shop: failed at $3: " "$out"
	contains "$1: why" "$4" "$out"
	lacks "$1: no certificate is printed" "BEGIN" "$out$err"
	well_behaved "$1"
	equal "$1: the old one is live" "$first" "$(live shop)"
	equal "$1: the old one is served" "$first" "$(served web)"
	equal "$1: the product's files were not touched" "$before" "$(picture web)"
	equal "$1: nothing was reloaded" "$reloads" "$(calls web)"
	no_traces "$1"
	engine 0 verify
	engine 0 status
	contains "$1: status knows" "shop: failed at $3" "$out"
}

refused "another key's certificate" "{\"certificate\": {\"body\": $(signed)}}" check "no certificate of the chain belongs to the private key"
refused "the issuer's own certificate alone" "{\"certificate\": {\"body\": $(tail -n +1 "$tmp/pebble-ca.pem" |
	python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))')}}" check "key"
refused "other names" '{"signing": {"names": "DNS:other.example.test"}}' check "shop.example.test"
refused "one name too many" '{"signing": {"names": "DNS:shop.example.test, DNS:other.example.test"}}' check "other.example.test"
# The order was finished, so the honest answer is the same order's.
refused "no certificate" '{"certificate": {"body": "<html>certificate</html>"}}' download "it holds something else than certificates"

rules ''
engine 0 apply --force-renew
[ "$(live shop)" != "$first" ] || fail "the honest answer was not taken"
proven "an honest answer afterwards" shop web
finish
