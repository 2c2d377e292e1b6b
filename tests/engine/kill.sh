# A run that deploys is killed before each call that moves or removes a file or starts a program: recover alone leaves
# old or new, and the next certificate gets a key of its own (P1). What apply makes of it is judged in tests/faults.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/engine/pointlib.sh"

server web
deadline=1
certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"wanted\";")")"

# own_key GENERATION: if the live one is another, so is its key.
own_key()
{
	local generations=$state/certificates/shop/generations live
	live=$(generation shop)
	[ "$live" = "$1" ] || ! cmp -s "$generations/$1/key.pem" "$generations/$live/key.pem"
}

steady
CE_FAULT=$changing,count:$tmp/count engine 0 apply --force-renew
points=$(cat "$tmp/count")
for ((point = 1; point <= points; point++)); do
	old=$(generation shop)
	CE_FAULT=$changing,kill:$point quick apply --force-renew
	judged "the run was killed" [ "$status" = 137 ]
	quick recover
	judged "recover ends with 0" [ "$status" = 0 ]
	judged "recover leaves old or new" settled "$old" "$(generation shop)"
	quick apply
	judged "apply ends with 0" [ "$status" = 0 ]
	judged "no key is used twice" own_key "$old"
	judged "apply converges" settled "$(generation shop)"
done
ok "$points points at which a deployment was killed"

engine 0 apply
proven "in the end" shop web
finish
