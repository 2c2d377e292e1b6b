# Challenges as Caddy checks them, an implementation of its own: on ports 80 and 443, by IPv6, for addresses.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/caddy.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

caddy_namespace
caddy_start a.test b.test
common="directory = \"$caddy_directory\"; agree_to_terms = true; ca_file = \"$caddy_ca\";"
alpn="$common challenge: { kind = \"tls-alpn-01\"; };"

# One that has an IPv6 address alone.
caddy_host ::1 six.test
acme_config "$common" "six.test"
acme
contains "http-01 for a name with nothing but an IPv6 address (Z14)" "c1 issued" "$out"

acme_config "$alpn" "a.test b.test"
acme
contains "tls-alpn-01 for two names on port 443 (Z17)" "c1 issued" "$out"
acme_config "$alpn" "six.test"
acme
contains "tls-alpn-01 for a name with nothing but an IPv6 address (Z17)" "c1 issued" "$out"

# Addresses (Z18).
acme_config "$common" "127.0.0.1 a.test"
acme
contains "an address beside a name, by http-01 (Z18)" "c1 issued" "$out"
contains "the address stands in the certificate" "IP Address:127.0.0.1" "$(openssl x509 -in "$acme_store.c1.pem" -noout -ext subjectAltName)"
acme_config "$alpn" "127.0.0.1"
acme
contains "an address by tls-alpn-01 (Z18)" "c1 issued" "$out"
lacks "which is not in the subject (Z18)" "127.0.0.1" "$(openssl x509 -in "$acme_store.c1.pem" -noout -subject)"
acme_config "$alpn" "::1"
acme
contains "an IPv6 address by tls-alpn-01 (Z18)" "c1 issued" "$out"
finish
