# What a machine may lack: a network, the right roots, the right time. Each is one sentence with issuer, certificate and
# step; the earlier certificate stays; the exit status is true.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

requires certtool "$certengine"
fake_start
shop()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; directory = "$1"; agree_to_terms = true; ca_file = "$2"; language = "en";
		  challenge: { webroot = "$tmp/www"; }; }; };
		certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; }; };
	EOF
}

shop "$fake_directory" "$tmp/pebble-ca.pem"
run 0 ce apply
earlier=$(find "$state/certificates" -name leaf.pem | sort | xargs cat | sha256sum)

# lost WHAT STATUS WANTED...: a renewal now fails in one sentence
lost()
{
	local what=$1 status=$2 wanted
	shift 2
	run "$status" ce apply --force-renew
	for wanted; do
		contains "$what: told ($wanted)" "$wanted" "$out$err"
	done
	lacks "$what: by certengine, not by a library (-12)" "error (-" "$out$err"
	equal "$what: the earlier certificate is in place" "$earlier" \
		"$(find "$state/certificates" -name leaf.pem | sort | xargs cat | sha256sum)"
	equal "$what: nothing stays in the webroot" "" "$(find "$tmp/www" -mindepth 1)"
}

# Nothing answers: the port is closed, or the name does not resolve.
closed=$(port_free)
shop "https://127.0.0.1:$closed/directory" "$tmp/pebble-ca.pem"
lost "no network" 1 "shop" "directory" "issuer 'ca'" "127.0.0.1:$closed" "onnect"
shop "https://ca.invalid/directory" "$tmp/pebble-ca.pem"
lost "no name service" 1 "shop" "issuer 'ca'" "ca.invalid" "esolve"

# Other roots than those of the CA's server.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=another CA" -keyout "$tmp/another.key" \
	-out "$tmp/another.pem" >/dev/null 2>&1 || fail "no other CA"
shop "$fake_directory" "$tmp/another.pem"
rm -f "$state"/issuers/ca/directory
lost "another CA's roots" 1 "shop" "issuer 'ca'" "of no CA that is trusted here: is ca_file the right one?"
echo "nothing of the kind" >"$tmp/empty.pem"
shop "$fake_directory" "$tmp/empty.pem"
lost "no roots at all" 1 "shop" "ca_file of issuer 'ca'" "holds no certificate"

# A clock that is wrong by a year, either way, is a server's certificate that is not valid, as seen from here.
server_of()
{
	fake_stop
	cat >"$tmp/server.cfg" <<-EOF
		cn = "localhost"
		ip_address = "127.0.0.1"
		tls_www_server
		signing_key
		activation_date = "$1"
		expiration_date = "$2"
	EOF
	certtool --generate-certificate --load-privkey "$tmp/pebble.key" --load-ca-certificate "$tmp/pebble-ca.pem" \
		--load-ca-privkey "$tmp/pebble-ca.key" --template "$tmp/server.cfg" --outfile "$tmp/pebble.pem" >/dev/null 2>&1 ||
		fail "no certificate from $1 to $2"
	wait_for() { sleep 2; } # curl would not take it either
	fake_start
	shop "$fake_directory" "$tmp/pebble-ca.pem"
}
server_of "$(date -d '-400 days' +'%Y-%m-%d %H:%M:%S')" "$(date -d '-350 days' +'%Y-%m-%d %H:%M:%S')"
lost "a clock that is ahead" 1 "shop" "issuer 'ca'" "has expired" "this machine's clock: is the clock right?"
server_of "$(date -d '+350 days' +'%Y-%m-%d %H:%M:%S')" "$(date -d '+400 days' +'%Y-%m-%d %H:%M:%S')"
lost "a clock that is behind" 1 "shop" "issuer 'ca'" "is not valid yet" "this machine's clock: is the clock right?"
finish
