# Sourced by the parts that know one product, after tests/lib/testlib.sh.
#
#	engine COMMAND...        the program with the configuration $config and places of its own
#	$product_port            where the product serves TLS, for served and served_count

engine()
{
	"$certengine" -c "$config" --root "$tmp/root" "$@"
}

# state_file PATH: where a file of the engine's state lies.
state_file()
{
	echo "$(find "$tmp/root" -path '*/var/lib/certengine' -type d)/$1"
}

# How many generations of the certificate there are.
generations()
{
	find "$(state_file certificates/shop/generations)" -mindepth 1 -maxdepth 1 | wc -l
}

# served [PORT [NAME]]: SHA-256 of the leaf that is served, empty when no handshake completes.
served()
{
	openssl s_client -connect "127.0.0.1:${1:-$product_port}" -servername "${2:-shop.example.test}" \
		</dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 2>/dev/null |
		sed 's/.*=//; s/://g' | tr A-F a-f
}

# served_count [PORT]: how many certificates the server sends.
served_count()
{
	openssl s_client -connect "127.0.0.1:${1:-$product_port}" -servername shop.example.test -showcerts \
		</dev/null 2>/dev/null | grep -c 'BEGIN CERTIFICATE' || true
}

# fingerprint FILE [OPTION...]: SHA-256 of the first certificate in a file.
fingerprint()
{
	openssl x509 -noout -fingerprint -sha256 -in "$@" 2>/dev/null | sed 's/.*=//; s/://g' | tr A-F a-f
}
