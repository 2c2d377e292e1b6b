# Keys of certificates in a PKCS#11 token (SoftHSM2): issued, renewed, pruned; what needs the key in a file says so
# before anything is ordered; a token that fails is one sentence, and the old certificate stays.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/lib/token.sh"

generations=$state/certificates/shop/generations
token_make hsm
uri=$(token_uri hsm)
said=$tmp/said # all that was ever said: no PIN may be in it

# shop [SETTINGS] [TARGETS]: the configuration with this one certificate.
shop()
{
	configure <<-CONF
	$token_group
	issuers: { house: { kind = "local"; }; };
	certificates: {
	  shop: { issuer = "house"; names = [ "shop.example.test" ]; $1 targets: { ${2:-} }; };
	};
	CONF
}

try()
{
	engine "$@"
	printf '%s\n' "$out" "$err" >>"$said"
}

# public FILE: the public key of the first certificate in it.
public()
{
	openssl x509 -in "$1" -noout -pubkey
}

count()
{
	find "$generations" -mindepth 1 -maxdepth 1 ! -name '.*' | wc -l
}

# Issued: the key is in the token, the store keeps its URI.
shop "token = \"$uri\";"
try 0 plan
equal "a plan makes no key" 0 "$(token_keys)"
try 0 apply
equal "one key was made" 1 "$(token_keys)"
contains "the store keeps its URI" "pkcs11:token=hsm;id=%" "$(cat "$generations/1/key.uri")"
contains "the key's label tells what it is for" "object=certengine%2Fshop%2F1" "$(cat "$generations/1/key.uri")"
lacks "and not where the PIN is" "pin" "$(cat "$generations/1/key.uri")"
equal "no key of it is in a file" '' "$(find "$state/certificates" -name key.pem)"
run 0 openssl verify -CAfile "$state/issuers/house/ca.pem" "$generations/1/leaf.pem"
first=$(public "$generations/1/leaf.pem")

# Nothing to do: nothing changes, and the token is not even asked.
before=$(find "$state/certificates" -type f -exec stat -c '%n %i %Y' {} + | sort)
mv "$tmp/tokens" "$tmp/away"
try 0 apply
contains "a second apply finds nothing to do" "1 certificate (1 ok)" "$out"
try 0 verify
mv "$tmp/away" "$tmp/tokens"
equal "and changes no file" "$before" "$(find "$state/certificates" -type f -exec stat -c '%n %i %Y' {} + | sort)"
equal "nor the token" 1 "$(token_keys)"

# Renewed: a new key each time; keys go with their generations.
for _ in 1 2 3 4 5 6 7; do
	try 0 apply --force-renew
done
[ "$first" != "$(public "$generations/$(generation shop)/leaf.pem")" ] || fail "the key was used again"
ok "a renewal has a key of its own"
[ "$(count)" -lt 8 ] || fail "no generation was removed"
equal "the token holds the keys of the generations that are kept" "$(count)" "$(token_keys)"

# A target that takes certificate and chain works; one that wants the key does not, and says why before the order.
shop "token = \"$uri\";" "web: { plugin = \"sample\"; cert_file = \"$tmp/cert.pem\"; };"
try 0 apply
equal "certificate and chain are installed" "$(live shop)" "$(fingerprint "$tmp/cert.pem")"
live=$(live shop)
for wanted in "key_file = \"$tmp/key.pem\";|PEM private key" \
	"keystore = \"$tmp/keystore.p12\"; password = \"long enough\";|PKCS#12"; do
	shop "token = \"$uri\";" "web: { plugin = \"sample\"; ${wanted%|*} };"
	chmod 600 "$conf"
	for command in "plan" "apply --force-renew"; do
		# shellcheck disable=SC2086 # a command and its options
		try 1 $command
		contains "$command: the error names all of it" "the key of certificate 'shop' is in token 'hsm' and cannot be taken out, \
but target 'web' (plugin 'sample') needs it in a file (${wanted#*|})" "$out"
	done
	equal "nothing was ordered" "$live" "$(live shop)"
	equal "nothing was made" "$(count)" "$(token_keys)"
done
[ ! -e "$tmp/key.pem" ] && [ ! -e "$tmp/keystore.p12" ] || fail "something was installed"

# Nor is the key handed out.
for part in "--part key" "--part all --format p12 --password-file $tmp/hsm.pin"; do
	# shellcheck disable=SC2086 # several options
	try 1 export shop $part --out "$tmp/key.out"
	contains "the key is not exported" "the private key is in token 'hsm' and cannot be taken out" "$err"
done
[ ! -e "$tmp/key.out" ] || fail "something was exported as the key"

# Where another target can take it the certificate is renewed, and the one that cannot is told before the order.
shop "token = \"$uri\";" "web: { plugin = \"sample\"; cert_file = \"$tmp/cert.pem\"; };
	store: { plugin = \"sample\"; key_file = \"$tmp/key.pem\"; };"
try 3 apply --force-renew
told=$(grep -n 'target=store .*step=rehearse .*cannot be taken out' <<<"$out$err" | cut -d: -f1)
issued=$(grep -n 'step=issue result=ok' <<<"$out$err" | cut -d: -f1)
[ -n "$told" ] && [ -n "$issued" ] && [ "$told" -lt "$issued" ] || fail "not told before the order: $out$err"
equal "the other target has the new one" "$(live shop)" "$(fingerprint "$tmp/cert.pem")"
[ ! -e "$tmp/key.pem" ] || fail "the key was installed"

# An earlier generation is put back where no key is installed.
shop "token = \"$uri\";" "web: { plugin = \"sample\"; cert_file = \"$tmp/cert.pem\"; };"
before=$(generation shop)
try 0 rollback shop
equal "the generation before is live again" $((before - 1)) "$(generation shop)"
equal "and installed" "$(live shop)" "$(fingerprint "$tmp/cert.pem")"

# Another kind: another key.
shop "token = \"$uri\"; key = \"rsa-2048\";"
try 0 apply
contains "another kind is a reason to renew" "its key is not of the configured kind" "$out$err"
contains "the new key is of that kind" "rsaEncryption" "$(openssl x509 -in "$generations/$(generation shop)/leaf.pem" -noout -text)"
try 0 apply
contains "and then nothing is to do" "1 certificate (1 ok)" "$out"
shop "token = \"$uri\"; key = \"ed25519\";"
try 1 apply
contains "a kind that the token cannot make is told" "make a key of kind ed25519: token 'hsm' cannot do that" "$out"

# From the token to a file, and back.
shop ''
try 0 apply
contains "a key that is to be a file is made anew" "its key is in a token, and no token is configured" "$out$err"
[ -s "$generations/$(generation shop)/key.pem" ] || fail "the key is no file"
shop "token = \"$uri\";"
try 0 apply
contains "and one that is to be in the token" "its key is not in the configured token" "$out$err"
[ -s "$generations/$(generation shop)/key.uri" ] || fail "the key is not in the token"

# Failures: one sentence, with certificate and token; what is there stays.
failing()
{
	local what=$1 text=$2 old
	old=$(live shop)
	try 1 apply --force-renew
	contains "$what is told" "$text" "$out"
	contains "$what: the certificate is named" "shop: failed at key" "$out"
	equal "$what: the old certificate stays" "$old" "$(live shop)"
}
keys=$(token_keys)
echo 9-wrong-9 >"$tmp/hsm.pin"
failing "a wrong PIN" "token 'hsm' refuses the PIN in '$tmp/hsm.pin'"
rm "$tmp/hsm.pin"
failing "a missing PIN file" "token 'hsm': its PIN file: read '$tmp/hsm.pin'"
echo 4711-secret >"$tmp/hsm.pin"
mv "$tmp/tokens" "$tmp/away"
mkdir "$tmp/tokens"
failing "a token that is away" "token 'hsm' is not present"
rm -r "$tmp/tokens"
mv "$tmp/away" "$tmp/tokens"
sed -i "s|$token_module|/nowhere/module.so|" "$conf"
failing "a module that is away" "the PKCS#11 module '/nowhere/module.so' is not there"
shop "token = \"$uri\";"
try 0 apply --force-renew
[ "$(token_keys)" -le $((keys + 1)) ] || fail "failures left keys in the token"
ok "after all that the next run succeeds, and no key is left over"

# The operator's own key: every generation has it, and nobody removes it.
given=$(sed -n 1p "$generations/$(generation shop)/key.uri")
shop "key = \"$given;pin-source=$tmp/hsm.pin\";"
sed -i 's/  shop:/  bank:/' "$conf"
try 0 apply
bank=$state/certificates/bank/generations
own=$(public "$bank/1/leaf.pem")
equal "the key is the one that was named" "$(public "$generations/$(generation shop)/leaf.pem")" "$own"
keys=$(token_keys)
for _ in 1 2 3 4 5 6 7; do
	try 0 apply --force-renew
done
equal "all generations have it" "$own" "$(public "$bank/8/leaf.pem")"
equal "it is not removed, and none is made" "$keys" "$(token_keys)"
try 0 apply
contains "with it nothing is to do either" "1 certificate (1 ok)" "$out"
shop "key = \"pkcs11:token=hsm;object=nobody;pin-source=$tmp/hsm.pin\";"
failing "a key that is not there" "token 'hsm' holds no key 'nobody'"

# Certificates that vouch for themselves, signed in the token.
shop "token = \"$uri\";"
sed -i 's/kind = "local"/kind = "selfsigned"/; s/  shop:/  self:/' "$conf"
try 0 apply
run 0 openssl verify -CAfile "$state/certificates/self/generations/1/leaf.pem" "$state/certificates/self/generations/1/leaf.pem"

# A CA that a person speaks to: the request waits with its key in the token, over any number of runs.
configure <<CONF
$token_group
issuers: { portal: { kind = "manual"; csr_directory = "$tmp"; }; };
certificates: { slow: { issuer = "portal"; names = [ "slow.example.test" ]; token = "$uri"; }; };
CONF
keys=$(token_keys)
for _ in 1 2 3; do
	try 7 apply
done
equal "one key was made for it" $((keys + 1)) "$(token_keys)"
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/root.key"
openssl req -x509 -new -key "$tmp/root.key" -subj /CN=portal -days 9 -out "$tmp/root.pem" 2>/dev/null
echo subjectAltName=DNS:slow.example.test >"$tmp/leaf.ext"
openssl x509 -req -in "$tmp/slow.csr.pem" -CA "$tmp/root.pem" -CAkey "$tmp/root.key" -set_serial 9 -days 9 \
	-extfile "$tmp/leaf.ext" -out "$tmp/leaf.pem" 2>/dev/null || fail "the request could not be signed"
try 0 import slow "$tmp/leaf.pem" "$tmp/root.pem"
try 0 apply
equal "its certificate is live" "$(fingerprint "$tmp/leaf.pem")" "$(live slow)"
equal "with that key" $((keys + 1)) "$(token_keys)"

# Mistakes in the configuration: with file and line, without the PIN.
mistake()
{
	shop "$2"
	try 2 check
	contains "$1" "$3" "$out$err"
	contains "$1: it has its line" "certengine.conf:4: " "$out$err"
}
mistake "a PIN in the configuration is refused" 'token = "pkcs11:token=hsm?pin-value=4711-secret";' "pin-value"
mistake "and in a key" 'key = "pkcs11:token=hsm;object=x?pin-value=4711-secret";' "pin-value"
mistake "and in what is no URI at all" 'key = "pksc11:token=hsm?pin-value=4711-secret";' "neither a kind of key"
mistake "a token without a name" 'token = "pkcs11:model=x";' "names no token"
mistake "a path as the token" 'token = "/dev/hsm";' "it begins with 'pkcs11:'"
mistake "two places for one key" "key = \"pkcs11:token=hsm;object=x\"; token = \"$uri\";" "leave one of them out"
chmod 644 "$tmp/hsm.pin"
mistake "a PIN file that others can read" "token = \"$uri\";" "is open to others (mode 0644)"
chmod 600 "$tmp/hsm.pin"

lacks "no PIN is in any output" 4711-secret "$(cat "$said")"
lacks "nor a wrong one" 9-wrong-9 "$(cat "$said")"
equal "nor in the store" '' "$(grep -rl 4711-secret "$state" 2>/dev/null)"
finish
