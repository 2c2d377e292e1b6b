# What the newest pebble says about itself and about the renewal of what it issued.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"

requires "$certengine" python3
pebble_options='"profiles": {"short": {"description": "six days, for those who automate", "validityPeriod": 518400}},'
pebble210_start
shop()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; directory = "$pebble_directory"; agree_to_terms = true; ca_file = "$pebble_ca";
		  challenge: { port = $pebble_http_port; }; }; };
		certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; profile = "short"; }; };
	EOF
}
# what MEMBER: of the renewal in the JSON document that was printed last
what()
{
	python3 -c 'import json, sys; print(json.load(sys.stdin)["certificates"][0]["renewal"][sys.argv[1]])' "$1" <<<"$out"
}
# window RESPONSE: what pebble says about the live certificate from now on, asked for again by a forced renewal's end
window()
{
	local live
	live=$(cat "$state/certificates/shop/live")
	python3 - "$state/certificates/shop/generations/$live/leaf.pem" "$1" >"$tmp/window.json" <<-'EOF'
		import json, sys
		with open(sys.argv[1]) as leaf:
		    print(json.dumps({"Certificate": leaf.read(), "ARIResponse": sys.argv[2]}))
	EOF
	pebble_post /set-renewal-info/ "$(cat "$tmp/window.json")" >/dev/null || fail "pebble does not take the window"
}

shop
run 0 ce issuer info ca
contains "the profiles are shown with what they are (D6)" "short           six days, for those who automate" "$out"
contains "and the terms (D6)" "terms of service" "$out"
run 0 ce --json issuer info ca
contains "in JSON too (D6)" '"description": "six days, for those who automate"' "$out"
[ ! -e "$state" ] || fail "something was kept by looking"
ok "and nothing is kept by looking"

run 0 ce apply
run 0 ce --json status
[ "$(what window_start)" != None ] || fail "no window was fetched"
ok "the window is fetched right after issuance (I2, I7): $(what window_start)"
grep -q 'GET /.*/renewalInfo/' "$pebble_log" || fail "pebble was not asked: $(tail -3 "$pebble_log")"
ok "by a GET (I2)"

# asked: the next run asks again, and renews nothing unless the CA says so
asked()
{
	rm -f "$state/certificates/shop/renewal.json"
	run 0 ce -v apply
	log=$err
	run 0 ce --json status
}
window '{"suggestedWindow": {"start": "2099-01-02T03:04:05.678901Z", "end": "2099-01-03T05:04:05+02:00"},
	"explanationURL": "https://ca.example/why"}'
asked
equal "fractions and offsets are read (I11)" "2099-01-02T03:04:05Z 2099-01-03T03:04:05Z" "$(what window_start) $(what window_end)"
equal "the explanation is kept (I8)" "https://ca.example/why" "$(what explanation)"
contains "and told (I8)" "https://ca.example/why" "$log"

before=$(cat "$state/certificates/shop/live")
for none in '{"suggestedWindow": {"start": "2020-01-02T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}' \
	'{"suggestedWindow": {"start": "2020-01-02T00:00:00Z", "end": "2020-01-01T00:00:00Z"}}' \
	'{"suggestedWindow": {"start": "2020-01-02T00:00:00Z"}}' '{"suggestedWindow": {"start": "soon", "end": "later"}}' \
	'{"suggestedWindow"' 'no JSON' '[]'; do
	window "$none"
	asked
	equal "no answer: $none (I4)" None "$(what window_start)"
	equal "and no renewal for it (I4)" "$before" "$(cat "$state/certificates/shop/live")"
done

window '{"suggestedWindow": {"start": "2020-01-02T00:00:00Z", "end": "2020-01-03T00:00:00Z"}}'
asked
run 0 ce apply
[ "$(cat "$state/certificates/shop/live")" -gt "$before" ] || fail "a window that is over does not lead to a renewal"
ok "a window that is over means now (I3)"
finish
