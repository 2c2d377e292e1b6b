# Sourced after testlib.sh: PKCS#11 tokens of SoftHSM2 in the test's own directory.
#
# token_make LABEL [PIN]: a token; its PIN is in the file $tmp/LABEL.pin. Gives
#   token_module   the module
#   token_group    the group "pkcs11" for a configuration
# token_uri LABEL: the URI of it with its PIN file, for a configuration.
# token_keys: how many private keys there are in all tokens together.

export SOFTHSM2_CONF=$tmp/softhsm2.conf

requires softhsm2-util
token_module=
for token_module in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so ''; do
	[ ! -e "$token_module" ] || break
done
[ -n "$token_module" ] || skip "the module of SoftHSM2 is not on this machine"
mkdir -p "$tmp/tokens"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$tmp" >"$SOFTHSM2_CONF"
# shellcheck disable=SC2034 # for tests
token_group="pkcs11: { module = \"$token_module\"; environment = [ \"SOFTHSM2_CONF=$SOFTHSM2_CONF\" ]; };"

token_make()
{
	softhsm2-util --init-token --free --label "$1" --so-pin 00112233 --pin "${2:-4711-secret}" >/dev/null ||
		fail "SoftHSM2 makes no token"
	printf '%s\n' "${2:-4711-secret}" >"$tmp/$1.pin"
}

token_uri()
{
	echo "pkcs11:token=$1;pin-source=$tmp/$1.pin"
}

# Each key has two objects, and each token one of its own.
token_keys()
{
	local objects tokens
	objects=$(find "$tmp/tokens" -name '*.object' ! -name token.object | wc -l)
	tokens=$((objects / 2))
	echo "$tokens"
}
