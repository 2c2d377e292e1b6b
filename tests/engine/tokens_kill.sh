# A run that issues a key in a token is killed before each call that moves or removes a file or starts a program: the next
# run goes on with the key that is there, and the token never holds more keys than the store has generations (P3).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/engine/pointlib.sh"
. "$TOP_SRCDIR/tests/lib/token.sh"

generations=$state/certificates/shop/generations
token_make hsm
configure <<CONF
$token_group
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ]; token = "$(token_uri hsm)"; }; };
CONF

# complete: the token holds the keys of the generations, and no others. Two generations have one key where a run was
# killed between storing the first and making it live.
complete()
{
	[ "$(token_keys)" = "$(cat "$generations"/*/key.uri | grep ^pkcs11: | sort -u | wc -l)" ]
}

# fresh GENERATION: the live one is another and has another key.
fresh()
{
	local live
	live=$(generation shop)
	[ "$live" != "$1" ] && ! cmp -s "$generations/$1/key.uri" "$generations/$live/key.uri"
}

for _ in 1 2 3 4 5 6 7; do
	engine 0 apply --force-renew
done
CE_FAULT=$changing,count:$tmp/count engine 0 apply --force-renew
points=$(cat "$tmp/count")
for ((point = 1; point <= points; point++)); do
	old=$(generation shop)
	CE_FAULT=$changing,kill:$point quick apply --force-renew
	judged "the run was killed" [ "$status" = 137 ]
	quick apply --force-renew
	judged "the next run ends with 0" [ "$status" = 0 ]
	judged "no key is used twice" fresh "$old"
	judged "no key is left over" complete
done
ok "$points points at which a run was killed"
finish
