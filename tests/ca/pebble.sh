# Sourced after testlib.sh: starts a pebble with its DNS and challenge test server, all on 127.0.0.1 and free ports.
# Every name resolves to 127.0.0.1 until something else is said on pebble_control.
#
# pebble_start [KEY=VALUE...]: Debian's pebble 2.4.0; environment for it (PEBBLE_WFE_NONCEREJECT=50). Sets
#   pebble_directory   URL of the directory
#   pebble_ca          PEM file that its own server is trusted by (ca_file)
#   pebble_root        PEM file with the root of what it issues
#   pebble_http_port   where it looks for http-01; kept when it was set before
#   pebble_tls_port    where it looks for tls-alpn-01; likewise
#   pebble_dns         host:port of its resolver
#   pebble_control     URL of pebble-challtestsrv: /set-txt, /add-aaaa, /set-cname, /add-caa ...
#   pebble_management  URL for management: /roots/0, /cert-status-by-serial/..., from 2.8 on /set-renewal-info/
#   pebble_log         its log: a line for each request
# pebble210_start [KEY=VALUE...]: the same with pebble 2.10.1: User-Agent is a must, ARI, profiles, replaces, Retry-After,
#   dns-account-01, dns-persist-01. scripts/install-pebble builds it.
# Said before either, if need be:
#   pebble_options     further members of its configuration: '"domainBlocklist": ["x"],', for 2.10.1 also
#                      '"retryAfter": {"authz": 3, "order": 5}, "profiles": {"short": {"description": "x", "validityPeriod": 600}},'
#   pebble_resolver    host:port of a resolver to ask instead of pebble-challtestsrv (a real name server)
#   pebble_ipv6        what names resolve to beside 127.0.0.1 (::1); none if empty
# pebble_stop, and a further start, make a CA that knows nothing of the one before.
# pebble_get PATH, pebble_post PATH JSON: what management answers. pebble_tell PATH JSON: the same for pebble_control.

pebble_options=
pebble_resolver=
pebble_ipv6=
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

pebble_get()
{
	curl -fsS --noproxy '*' --cacert "$pebble_ca" "$pebble_management$1"
}

pebble_post()
{
	curl -fsS --noproxy '*' --cacert "$pebble_ca" -X POST --data "$2" "$pebble_management$1"
}

pebble_tell()
{
	curl -fsS --noproxy '*' -X POST --data "$2" "$pebble_control$1"
}

# pebble_run PEBBLE CHALLTESTSRV FLAG-FOR-ITS-DNS [KEY=VALUE...]
pebble_run()
{
	local pebble=$1 server=$2 dns_flag=$3 port management control further=()
	shift 3
	requires "$pebble" "$server" openssl curl
	[ -f "$tmp/pebble.pem" ] || pebble_make_certificate
	port=$(port_free) management=$(port_free) control=$(port_free)
	pebble_http_port=${pebble_http_port:-$(port_free)}
	pebble_tls_port=${pebble_tls_port:-$(port_free)}
	pebble_dns=127.0.0.1:$(port_free)
	pebble_ca=$tmp/pebble-ca.pem
	pebble_root=$tmp/pebble-root.pem
	pebble_log=$tmp/pebble.log
	pebble_directory=https://127.0.0.1:$port/dir
	pebble_management=https://127.0.0.1:$management
	pebble_control=http://127.0.0.1:$control
	cat >"$tmp/pebble.json" <<-EOF
		{ "pebble": { "listenAddress": "127.0.0.1:$port", "managementListenAddress": "127.0.0.1:$management",
		  "certificate": "$tmp/pebble.pem", "privateKey": "$tmp/pebble.key", $pebble_options
		  "httpPort": $pebble_http_port, "tlsPort": $pebble_tls_port, "ocspResponderURL": "" } }
	EOF
	[ "$dns_flag" = -dns01 ] || further=(-doh "")
	"$server" "$dns_flag" "$pebble_dns" -management "127.0.0.1:$control" -http01 "" -https01 "" -tlsalpn01 "" \
		-defaultIPv4 127.0.0.1 -defaultIPv6 "$pebble_ipv6" "${further[@]}" >"$tmp/challtestsrv.log" 2>&1 &
	pebble_pids+=($!)
	env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 "$@" "$pebble" -strict -config "$tmp/pebble.json" \
		-dnsserver "${pebble_resolver:-$pebble_dns}" >"$pebble_log" 2>&1 &
	pebble_pids+=($!)
	cleanup_fn pebble_stop
	wait_for 20 curl -fsS --noproxy '*' --cacert "$pebble_ca" -o "$tmp/pebble-dir.json" "$pebble_directory"
	wait_for 20 curl -fsS --noproxy '*' --cacert "$pebble_ca" -o "$pebble_root" "$pebble_management/roots/0"
	wait_for 20 pebble_tell /clear-txt '{"host": "ready.test."}'
}

pebble_start()
{
	pebble_run pebble pebble-challtestsrv -dns01 "$@"
}

pebble210_start()
{
	local place
	place=$("$TOP_SRCDIR/scripts/install-pebble" --find) || skip "pebble 2.10.1 is not on this machine; see scripts/install-pebble"
	pebble_run "$place/pebble" "$place/pebble-challtestsrv" -dnsserver "$@"
}
