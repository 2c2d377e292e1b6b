# Profiles and replacements at the newest pebble, which lists the one and enforces the other.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

pebble_options='"profiles": { "long": { "description": "a year", "validityPeriod": 31536000 },
	"short": { "description": "five days", "validityPeriod": 432000 } },'
pebble210_start
common="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";
	challenge: { port = $pebble_http_port; };"

# with_profile OPTIONS PROFILE NAME
with_profile()
{
	acme_config "$common $1" "$3"
	sed -i "s/names = /profile = \"$2\"; names = /" "$tmp/acme.conf"
}

with_profile "" short s.test
acme
contains "a profile that the CA lists is asked for" "c1 issued" "$out"
openssl x509 -in "$acme_store.c1.pem" -noout -checkend $((6 * 86400)) >/dev/null && fail "the profile was not used"
ok "and used (O7)"
with_profile "" tiny t.test
acme
contains "a profile that it does not list ends the order (O7)" "c1 refused input 0 order: the CA of issuer 'ca' has no profile 'tiny': it offers" "$out"
contains "the profiles on offer are told (D6)" "'short'" "$out"
lacks "nothing is ordered then" "order order" "$err"
with_profile 'profile_mode = "preferred";' tiny t.test
acme
contains "where it is only preferred, the default is used (O7)" "c1 issued" "$out"
contains "with a warning" "certificate 'c1': the CA has no profile 'tiny'" "$err"

# A renewal tells what it replaces (O8); pebble takes that once.
acme_config "$common" "r.test"
acme
contains "a first certificate" "c1 issued" "$out"
cp "$acme_store.c1.pem" "$tmp/first.pem"
acme again
contains "a renewal that replaces it" "c1 issued" "$out"
lacks "is taken as such (O8)" "as a replacement" "$err"
cp "$tmp/first.pem" "$acme_store.c1.pem"
acme again
contains "what was replaced already is ordered without (O9)" "the CA does not take it as a replacement" "$err"
contains "by the CA's reason" "409" "$err"
contains "and issued" "c1 issued" "$out"

# A certificate of another CA, or of an account before this one.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=r.test" -addext subjectAltName=DNS:r.test \
	-keyout "$tmp/other.key" -out "$acme_store.c1.pem" >/dev/null 2>&1 || fail "no certificate of another CA"
acme again
contains "another CA's certificate is no hindrance (O9)" "c1 issued" "$out"
finish
