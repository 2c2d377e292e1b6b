#!/bin/bash
# The probe against servers that others wrote: OpenSSL's and GnuTLS' test servers.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl gnutls-serv certtool
once=$TOP_BUILDDIR/tests/unit/probe-once

# identity NAME: a key and a self-signed certificate; sets $fingerprint.
identity()
{
	openssl req -x509 -newkey "${2:-ec:$tmp/p256}" -nodes -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
		-keyout "$tmp/$1.key" -out "$tmp/$1.pem" 2>"$tmp/req.log" || fail "openssl req: $(cat "$tmp/req.log")"
	fingerprint=$(openssl x509 -in "$tmp/$1.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
}

# start PORT COMMAND...: in the background until the test ends.
start()
{
	local port=$1
	shift
	"$@" >"$tmp/server.log" 2>&1 </dev/null &
	server=$!
	cleanup_fn kill "$server"
	wait_for 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
}

openssl ecparam -name prime256v1 -out "$tmp/p256" || exit 99
identity a.example.com
a=$fingerprint
identity b.example.com rsa:2048
b=$fingerprint
[ "$a" != "$b" ] || exit 99
serve_a=(-cert "$tmp/a.example.com.pem" -key "$tmp/a.example.com.key" -quiet)

port=$(port_free)
start "$port" openssl s_server -accept "127.0.0.1:$port" "${serve_a[@]}" \
	-servername b.example.com -cert2 "$tmp/b.example.com.pem" -key2 "$tmp/b.example.com.key"
run 0 "$once" 127.0.0.1 "$port" -
equal "without a server name the default certificate is served" "ok $a " "$out"
run 0 "$once" 127.0.0.1 "$port" b.example.com
equal "the server name chooses the certificate" "ok $b " "$out"
run 0 "$once" 127.0.0.1 "$port" 127.0.0.1
equal "an address is not sent as a server name" "ok $a " "$out"

for options in "-tls1_2" "-tls1_3" "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA" "-Verify 1" "-tls1_2 -Verify 1"; do
	port=$(port_free)
	# shellcheck disable=SC2086 # options are several words
	start "$port" openssl s_server -accept "127.0.0.1:$port" "${serve_a[@]}" $options
	run 0 "$once" 127.0.0.1 "$port" a.example.com
	equal "OpenSSL with $options" "ok $a " "$out"
done

# In the static RSA exchange the server proves its key by reading what was encrypted to it.
port=$(port_free)
start "$port" openssl s_server -accept "127.0.0.1:$port" -cert "$tmp/b.example.com.pem" -key "$tmp/b.example.com.key" \
	-quiet -tls1_2 -cipher AES128-GCM-SHA256
run 0 "$once" 127.0.0.1 "$port" b.example.com
equal "OpenSSL with the static RSA exchange" "ok $b " "$out"

port=$(port_free)
for i in 1 2 3 4 5 6 7 8 9 10; do cat "$tmp/b.example.com.pem"; done >"$tmp/chain.pem"
start "$port" openssl s_server -accept "127.0.0.1:$port" "${serve_a[@]}" -cert_chain "$tmp/chain.pem"
run 0 "$once" 127.0.0.1 "$port" a.example.com
contains "a chain of eleven is refused" "the server sent 11 certificates; 10 are taken" "$out"

port=$(port_free)
start "$port" gnutls-serv --port "$port" --http --x509keyfile "$tmp/a.example.com.key" \
	--x509certfile "$tmp/a.example.com.pem" --disable-client-cert
run 0 "$once" localhost "$port" a.example.com
equal "GnuTLS by name" "ok $a " "$out"

run 0 "$once" 127.0.0.1 "$(port_free)" -
equal "a closed port" "network - connection refused" "$out"
finish
