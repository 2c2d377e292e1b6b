# Sourced after testlib.sh: starts Debian's pebble with its DNS and challenge test server, all on
# 127.0.0.1 and free ports. Every name resolves to 127.0.0.1.
#
# pebble_start [KEY=VALUE...]: environment for pebble (PEBBLE_WFE_NONCEREJECT=50). Sets
#   pebble_directory   URL of the directory
#   pebble_ca          PEM file that its own server is trusted by (ca_file)
#   pebble_root        PEM file with the root of what it issues
#   pebble_http_port   where it looks for http-01
#   pebble_management  URL for management
#   pebble_log         its log: a line for each request
# pebble_options, if set before, holds further members for its configuration: '"domainBlocklist": ["x"],'
# pebble_stop, and a further pebble_start, make a CA that knows nothing of the one before.

pebble_options=
pebble_pids=()

# Its server's certificate: the package brings none.
pebble_make_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=pebble test CA" \
		-keyout "$tmp/pebble-ca.key" -out "$tmp/pebble-ca.pem" >/dev/null 2>&1 || fail "no CA for pebble's server"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
		-keyout "$tmp/pebble.key" -out "$tmp/pebble.csr" >/dev/null 2>&1 || fail "no key for pebble's server"
	printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >"$tmp/pebble.ext"
	openssl x509 -req -in "$tmp/pebble.csr" -CA "$tmp/pebble-ca.pem" -CAkey "$tmp/pebble-ca.key" -set_serial 2 -days 30 \
		-extfile "$tmp/pebble.ext" -out "$tmp/pebble.pem" >/dev/null 2>&1 || fail "no certificate for pebble's server"
	chmod 644 "$tmp/pebble-ca.pem"
}

pebble_stop()
{
	local pid
	for pid in "${pebble_pids[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	pebble_pids=()
}

pebble_start()
{
	local port management dns control
	requires pebble pebble-challtestsrv openssl curl
	[ -f "$tmp/pebble.pem" ] || pebble_make_certificate
	port=$(port_free) management=$(port_free) dns=$(port_free) control=$(port_free)
	pebble_http_port=${pebble_http_port:-$(port_free)}
	pebble_ca=$tmp/pebble-ca.pem
	pebble_root=$tmp/pebble-root.pem
	pebble_log=$tmp/pebble.log
	pebble_directory=https://127.0.0.1:$port/dir
	pebble_management=https://127.0.0.1:$management
	cat >"$tmp/pebble.json" <<-EOF
		{ "pebble": { "listenAddress": "127.0.0.1:$port", "managementListenAddress": "127.0.0.1:$management",
		  "certificate": "$tmp/pebble.pem", "privateKey": "$tmp/pebble.key", $pebble_options
		  "httpPort": $pebble_http_port, "tlsPort": $(port_free), "ocspResponderURL": "" } }
	EOF
	pebble-challtestsrv -dns01 "127.0.0.1:$dns" -management "127.0.0.1:$control" -http01 "" -https01 "" -tlsalpn01 "" \
		-defaultIPv4 127.0.0.1 -defaultIPv6 "" >"$tmp/challtestsrv.log" 2>&1 &
	pebble_pids+=($!)
	env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 "$@" pebble -strict -config "$tmp/pebble.json" \
		-dnsserver "127.0.0.1:$dns" >"$pebble_log" 2>&1 &
	pebble_pids+=($!)
	cleanup_fn pebble_stop
	wait_for 20 curl -fsS --noproxy '*' --cacert "$pebble_ca" -o "$tmp/pebble-dir.json" "$pebble_directory"
	wait_for 20 curl -fsS --noproxy '*' --cacert "$pebble_ca" -o "$pebble_root" "$pebble_management/roots/0"
}
