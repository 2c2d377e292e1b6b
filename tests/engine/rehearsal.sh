# No certificate is ordered that no target could take: orders are rationed.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
certificates "$(certificate shop "one: { plugin = \"sample\"; fail_in = \"install\"; }; two: { plugin = \"spoiled\"; };")"
engine 1 apply
contains "it is told" "shop: failed at rehearse: not ordered, since no target could take it" "$out"
equal "nothing was ordered" '' "$(find "$state/certificates" -name generations 2>/dev/null)"

certificates "$(certificate shop "$(target web web) one: { plugin = \"sample\"; fail_in = \"install\"; };")"
engine 3 apply
proven "where one of two can take it" shop web
generation=$(generation shop)

certificates "$(certificate shop "one: { plugin = \"sample\"; fail_in = \"install\"; };")"
engine 1 apply --force-renew
equal "nor at a renewal" "$generation" "$(generation shop)"
engine 0 status
contains "the certificate is still there" shop "$out"
finish
