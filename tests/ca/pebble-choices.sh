# What an operator may choose, against pebble: the way to the CA, the lifetime, the chain; addresses as names; many names.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

requires python3
pebble_start PEBBLE_AUTHZREUSE=0 PEBBLE_ALTERNATE_ROOTS=2 PEBBLE_CHAIN_LENGTH=3
common="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";
	challenge: { port = $pebble_http_port; };"

proxy_log=$tmp/proxy.log
proxy_stop()
{
	kill "$proxy"
	wait "$proxy" 2>/dev/null
}
proxy_port=$(port_free)
: >"$proxy_log"
python3 "$TOP_SRCDIR/tests/ca/connect_proxy.py" "$proxy_port" "$proxy_log" &
proxy=$!
cleanup_fn proxy_stop
wait_for 20 curl -s --noproxy '' -o /dev/null --cacert "$pebble_ca" -x "http://127.0.0.1:$proxy_port" "$pebble_directory"

# A hundred names, all requests at once, over one connection.
names=
for i in $(seq 100); do names="$names n$i.test"; done
: >"$proxy_log"
acme_config "$common proxy = \"http://127.0.0.1:$proxy_port\";" "$names"
acme
contains "a hundred names are one order (O11)" "c1 issued" "$out"
equal "by the proxy that is configured (H13), over one connection with HTTP/2 (H7, H8)" \
	"CONNECT ${pebble_directory:8:-4}" "$(cat "$proxy_log")"
equal "names and addresses in it are those that were asked for (O2)" 100 \
	"$(openssl x509 -in "$acme_store.c1.pem" -noout -ext subjectAltName | grep -o 'DNS:' | wc -l)"
# 2N + 6 + (W - 1), of which two are readings of the order; directory and account are new here.
polls=$(grep -c 'POST /my-order/' "$pebble_log")
[ "$(($(requests) - polls))" -le $((2 * 100 + 4 + 2 + 31)) ] || fail "100 names took $(requests) requests, $polls of them polls"
ok "100 names take at most 2N + 6 + (W - 1) requests besides directory, account and further polls: $(requests), $polls polls"
equal "each authorization is read once: what is polled is the order (Z7)" 100 "$(grep -c 'POST /authZ/' "$pebble_log")"
equal "a nonce is asked for only when there is none (N1), and no more than 32" 1 \
	"$(($(grep -c 'HEAD /' "$pebble_log") <= 32))"
equal "a chain of three CA certificates and more is taken (K5)" 4 "$(grep -c BEGIN "$acme_store.c1.pem")"

acme_config "$common names_max = 3;" "a.test b.test c.test d.test"
acme
contains "a limit of names is known before anything is sent (O11)" \
	"c1 refused input 0 order: issuer 'ca' takes at most 3 names in a certificate, not 4" "$out"

# From an own address, and from an interface by its name.
acme_config "$common interface = \"127.0.0.1\";" "i1.test"
acme
contains "the own address may be chosen (H13)" "c1 issued" "$out"
acme_config "$common interface = \"no-such0\";" "i2.test"
acme
contains "an interface that is not there is told" "c1 refused ca 0 nonce: " "$out"
contains "by its name" "no-such0" "$out"

# Addresses are names too, in canonical form (O1); a name that stands twice is a mistake in the configuration.
acme_config "$common" "127.0.0.1 IP.Test."
acme
contains "an address is proved like a name" "c1 issued" "$out"
equal "both are in the certificate once" "DNS:ip.test, IP Address:127.0.0.1" \
	"$(openssl x509 -in "$acme_store.c1.pem" -noout -ext subjectAltName | sed -n 's/^ *\(DNS.*\|IP.*\)/\1/p' | tr ',' '\n' | sed 's/^ *//' | sort | paste -sd, | sed 's/,/, /')"

# The lifetime (O6).
acme_config "$common days = 7;" "d.test"
acme
contains "a lifetime is asked for" "c1 issued" "$out"
openssl x509 -in "$acme_store.c1.pem" -noout -checkend $((6 * 86400)) >/dev/null || fail "it is shorter than six days"
openssl x509 -in "$acme_store.c1.pem" -noout -checkend $((8 * 86400)) >/dev/null && fail "it is longer than eight days"
ok "and given (O6)"

# Chains: pebble has three roots, each known by its own name (K3, K4).
for n in 0 1 2; do
	curl -fsS --noproxy '*' --cacert "$pebble_ca" -o "$tmp/root$n.pem" "$pebble_management/roots/$n"
	roots[n]=$(openssl x509 -in "$tmp/root$n.pem" -noout -subject -nameopt multiline | sed -n 's/.*commonName *= //p')
	keys[n]=$(openssl x509 -in "$tmp/root$n.pem" -noout -ext subjectKeyIdentifier | sed -n 's/^ *\([0-9A-F:]*\)$/\1/p')
done
leads_to()
{
	local before
	before=$(grep -c 'POST /certZ/' "$pebble_log")
	acme
	downloads=$(($(grep -c 'POST /certZ/' "$pebble_log") - before))
	contains "$1: issued" "c1 issued" "$out"
	openssl verify -CAfile "$2" -untrusted "$acme_store.c1.pem" "$acme_store.c1.pem" >/dev/null 2>&1 || fail "$1: another chain"
	ok "$1: by the chain that was asked for"
}
acme_config "$common preferred_chain = \"${roots[0]}\";" "k1.test"
leads_to "the default chain, by the name of its root (K4)" "$tmp/root0.pem"
equal "where the default is right no other is fetched (K3)" 1 "$downloads"
acme_config "$common preferred_chain = \"${roots[2]}\";" "k2.test"
leads_to "another root by its name (K4)" "$tmp/root2.pem"
equal "which takes a request for each chain on offer (K3)" 3 "$downloads"
acme_config "$common preferred_chain = \"${keys[1]}\";" "k3.test"
leads_to "another root by the identifier of its key (K4)" "$tmp/root1.pem"
fingerprint=$(openssl crl2pkcs7 -nocrl -certfile "$acme_store.c1.pem" | openssl pkcs7 -print_certs |
	awk '/BEGIN/ { n++ } n == 4' | openssl x509 -noout -fingerprint -sha256)
acme_config "$common preferred_chain = \"${fingerprint#*=}\";" "k4.test"
leads_to "another root by the fingerprint of the highest certificate (K4)" "$tmp/root1.pem"
acme_config "$common preferred_chain = \"Some Other Root\";" "k5.test"
leads_to "an unknown one: the default" "$tmp/root0.pem"
contains "with a warning (K4)" "certificate 'c1': none of the 3 chains that the CA offers leads to 'Some Other Root'" "$err"
finish
