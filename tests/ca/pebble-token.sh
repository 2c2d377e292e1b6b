# The account key and certificate keys in PKCS#11 tokens (SoftHSM2), against pebble: account, order, renewal, and what happens
# when the token fails.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/lib/token.sh"
pebble_start
token_make account 1111-account
token_make keys 2222-keys
generations=$state/certificates/shop/generations
said=$tmp/said

# shop ISSUER-OPTIONS CERTIFICATE-OPTIONS
shop()
{
	configure <<-CONF
	$token_group
	issuers: { ca: { kind = "acme"; directory = "$pebble_directory"; ca_file = "$pebble_ca"; agree_to_terms = true;
	  challenge: { port = $pebble_http_port; }; $1 }; };
	certificates: { shop: { issuer = "ca"; names = [ "shop.example.test", "www.shop.example.test" ]; $2 }; };
	CONF
}

try()
{
	local wanted=$1
	shift
	run "$wanted" ce "$@"
	printf '%s\n' "$out" "$err" >>"$said"
}

accounts()
{
	grep -c 'There are now [0-9]* accounts in memory' "$pebble_log"
}

options="account_token = \"$(token_uri account)\";"
shop "$options" "token = \"$(token_uri keys)\";"
try 0 apply
equal "one key for the account, one for the certificate" 2 "$(token_keys)"
equal "no private key is in a file" '' "$(grep -rl 'PRIVATE KEY' "$state")"
contains "the account's record is a URI" "pkcs11:token=account;" "$(cat "$state/issuers/ca/account.key")"
run 0 openssl verify -CAfile "$pebble_root" -untrusted "$generations/1/chain.pem" "$generations/1/leaf.pem"
equal "the CA has one account" 1 "$(accounts)"
try 0 apply
contains "a second apply finds nothing to do" "1 certificate (1 ok)" "$out"
try 0 apply --force-renew
equal "a renewal has a key of its own" 3 "$(token_keys)"
equal "and the same account" 1 "$(accounts)"

# An RSA key in the token; the account key named by its URI.
given=$(sed -n 1p "$state/issuers/ca/account.key")
shop "account_key = \"$given;pin-source=$tmp/account.pin\";" "token = \"$(token_uri keys)\"; key = \"rsa-2048\";"
try 0 apply
equal "a key that is named by its URI has its account still" 1 "$(accounts)"
contains "an RSA key of the token" rsaEncryption "$(openssl x509 -in "$generations/3/leaf.pem" -noout -text)"

# An account belongs to its key: the configuration may not drift away from it.
shop '' ''
try 1 apply
contains "an account key in a token that is not configured" "the account key of issuer 'ca': it is in token 'account', which is \
not what the configuration says" "$out"
shop "$options" "token = \"$(token_uri keys)\";"

# The token fails.
echo 3-wrong-3 >"$tmp/account.pin"
try 1 apply --force-renew
contains "a wrong PIN is told, with issuer and token" "the account key of issuer 'ca': open a private key: token 'account' \
refuses the PIN in '$tmp/account.pin'" "$out"
echo 1111-account >"$tmp/account.pin"
softhsm2-util --delete-token --token account >/dev/null || fail "the token cannot be removed"
try 1 apply --force-renew
contains "so is a token that is gone" "the account key of issuer 'ca': open a private key: token 'account' is not present" "$out"
token_make account 1111-account
try 1 apply --force-renew
contains "and a key that is gone" "the account key of issuer 'ca': open a private key: token 'account' holds no key \
'certengine/account/ca'" "$out"
equal "no account was made in its place" 1 "$(accounts)"
equal "the old certificate stays" 3 "$(tr -d '\n' <"$state/certificates/shop/live")"

# An order that was under way goes on with its key.
rm -r "$state/issuers/ca"
keys=$(token_keys)
try 0 apply --force-renew
equal "the key of the failed requests is used now; one was made for the account" $((keys + 1)) "$(token_keys)"
equal "there is a new account" 2 "$(accounts)"

# Killed between the record of the account key and the account: the key is made up for, or used.
shop "$options" ''
early=0
for point in 1 2 3 4 5 6; do
	rm -rf "$state/issuers/ca" "$state/certificates"
	{ CE_FAULT=only:renameat2+fork,kill:$point ce apply >/dev/null 2>&1; } 2>/dev/null
	[ ! -s "$state/issuers/ca/account.key" ] || [ -e "$state/issuers/ca/account" ] || early=$((early + 1))
	try 0 apply
done
[ "$early" -gt 0 ] || fail "no run was killed with a key and without an account"
ok "runs that were killed early leave an account key that can be used"

# Another key for the account: made in the token, and the former one removed from it.
keys=$(token_keys)
old=$(cat "$state/issuers/ca/account.key")
try 0 account rollover ca
[ "$old" != "$(cat "$state/issuers/ca/account.key")" ] || fail "the account key is the old one"
equal "the new account key is in the token, the former one no more (A10)" "$keys" "$(token_keys)"
try 0 apply --force-renew
contains "and certificates are issued by it (A10)" "issued" "$out"

# Mistakes
for mistake in "account_token = \"pkcs11:token=account?pin-value=1111-account\"|pin-value" \
	"account_key = \"rsa-1024\"|it is one of rsa-2048" "account_key = \"pkcs11:token=account\"|names no key" \
	"account_key = \"pkcs11:token=a;object=b\"; account_token = \"pkcs11:token=a\"|leave one of them out"; do
	shop "${mistake%|*};" ''
	try 2 check
	contains "a mistake is told: ${mistake##*|}" "${mistake##*|}" "$out$err"
done

for secret in 1111-account 2222-keys 3-wrong-3; do
	lacks "no PIN is in any output" "$secret" "$(cat "$said")"
done
finish
