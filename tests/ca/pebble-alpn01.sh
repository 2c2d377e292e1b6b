# tls-alpn-01 by the built-in server, names and addresses, IPv4 and IPv6; preference among groups, and the next one when
# the first fails; http-01 for addresses; a port that is taken.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"

requires python3
pebble_start PEBBLE_AUTHZREUSE=0
issuer="kind = \"acme\"; directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"
alpn="{ kind = \"tls-alpn-01\"; port = $pebble_tls_port; }"
http="{ port = $pebble_http_port; }"

# apply STATUS CHALLENGE NAMES
apply()
{
	local status=$1
	rm -rf "$state/certificates"
	: >"$pebble_log"
	configure <<-END
		issuers: { ca: { $issuer challenge = $2; }; };
		certificates: { shop: { issuer = "ca"; names = [ $3 ]; }; };
	END
	run "$status" ce apply
}

# pebble checks protocol, certificate, name and extension (Z17).
apply 0 "$alpn" '"one.test", "two.test"'
ok "names are proved by tls-alpn-01 (Z17)"
apply 0 "$alpn" '"127.0.0.1"'
ok "so are addresses of IPv4 (Z18)"
apply 0 "$alpn" '"::1", "three.test"'
ok "and of IPv6 beside a name (Z18)"
apply 0 "$http" '"127.0.0.1", "::1"'
ok "http-01 proves addresses (Z18), on IPv4 and IPv6 (Z14)"

# A name that has only an IPv6 address.
pebble_tell /set-default-ipv4 '{"ip": ""}'
pebble_tell /set-default-ipv6 '{"ip": "::1"}'
apply 0 "$http" '"six.test"'
ok "the built-in web server answers on IPv6 (Z14)"
apply 0 "$alpn" '"six.test"'
ok "and so does the TLS server (Z17)"
pebble_tell /set-default-ipv4 '{"ip": "127.0.0.1"}'
pebble_tell /set-default-ipv6 '{"ip": ""}'

# Groups by names, in their order (Z4).
mkdir -m 755 "$tmp/nowhere"
groups="( { kind = \"tls-alpn-01\"; port = $pebble_tls_port; names = [ \"*.secure.test\" ]; }, { kind = \"http-01\"; port = $pebble_http_port; } )"
apply 0 "$groups" '"a.secure.test", "b.test"'
equal "each name by the group that is for it (Z4), in one order" 1 "$(grep -c 'POST /order-plz' "$pebble_log")"

# What fails is not tried again; the next group is (Z4): nobody serves that webroot.
groups="( { kind = \"http-01\"; webroot = \"$tmp/nowhere\"; }, { kind = \"tls-alpn-01\"; port = $pebble_tls_port; } )"
apply 0 "$groups" '"next.test"'
equal "a second order takes the next group (Z4)" 2 "$(grep -c 'POST /order-plz' "$pebble_log")"
equal "what the first one left is gone (Z13)" "" "$(find "$tmp/nowhere" -mindepth 1)"
groups="( { kind = \"http-01\"; webroot = \"$tmp/nowhere\"; } )"
apply 1 "$groups" '"next.test"'
contains "without another group the failure is told, once" "the http-01 challenge for 'next.test' failed" "$out"
equal "after one order" 1 "$(grep -c 'POST /order-plz' "$pebble_log")"

# Who can prove what is known before anything is sent.
apply 1 "$alpn" '"*.wild.test"'
contains "wildcards need the DNS (Z2)" "shop: failed at challenge: a CA proves '*.wild.test' by the DNS only" "$out"
lacks "nothing was asked" "order-plz" "$(cat "$pebble_log")"

# Ports that are taken, with and without another way.
python3 -m http.server --bind 127.0.0.1 "$pebble_http_port" >/dev/null 2>&1 &
web=$!
web_stop()
{
	kill "$web" 2>/dev/null
	wait "$web" 2>/dev/null
}
cleanup_fn web_stop
wait_for 20 curl -fsS --noproxy '*' -o /dev/null "http://127.0.0.1:$pebble_http_port/"
apply 1 "$http" '"taken.test"'
contains "a taken port is one sentence: certificate, step, issuer, what to do" \
	"shop: failed at challenge: issuer 'ca': port $pebble_http_port is taken by another program, and http-01 cannot be answered there: name that web server's directory in challenge.webroot" "$out"
apply 0 "( $http, $alpn )" '"taken.test"'
ok "another group is used while the port is taken"
web_stop

# A webroot that cannot be written: a file lies where the directory should be.
echo >"$tmp/file"
apply 1 "{ webroot = \"$tmp/file\"; }" '"w.test"'
contains "an unwritable webroot is one sentence" "shop: failed at challenge: issuer 'ca': challenge.webroot: " "$out"
contains "that names it" "$tmp/file" "$out"
# The authorization was given back, and with it ended the order, which pebble calls "deactivated" then.
begun=$SECONDS
configure <<-END
	issuers: { ca: { $issuer challenge = $http; }; };
	certificates: { shop: { issuer = "ca"; names = [ "w.test" ]; }; };
END
run 0 ce apply shop
[ $((SECONDS - begun)) -lt 60 ] || fail "the order of the run before was waited for: $((SECONDS - begun)) s"
ok "after the mistake was mended the next run issues at once"

# Mistakes in the groups are found by check, all in one run.
configure <<-END
	issuers: { ca: { $issuer challenge = ( { kind = "dns-01"; webroot = "/x"; }, { kind = "tls-alpn-01"; hook = "/x"; },
	  { kind = "dns-01"; hook = "/x"; dialect = "klingon"; wait = 1; }, { kind = "dns-01"; dnsapi = "../x"; }, { nonsense = 1; } ); }; };
	certificates: { shop: { issuer = "ca"; names = [ "a.test" ]; }; };
END
run 2 ce check
for mistake in "challenge[0].webroot is of no use for dns-01" "challenge[1].hook is of no use for tls-alpn-01" \
	"must be one of" "challenge[3].dnsapi must be a name such as dns_cf" "does not know the option 'challenge[4].nonsense'"; do
	contains "check finds: $mistake" "$mistake" "$out$err"
done
equal "and tells it once" 1 "$(grep -c 'webroot is of no use' <<<"$out$err")"
finish
