# rollback puts an earlier generation back by the same transaction.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
deadline=1
certificates "$(certificate shop "$(target web web) $(target mail mail)")
$(certificate spare "")"

engine 1 rollback shop
contains "nothing was issued yet" "has not been issued yet" "$err"
lacks "the lock is not to blame" "lock:" "$err"
engine 0 apply
first=$(live shop)
engine 1 rollback shop
contains "there is none before it" "no generation before 1" "$err"
engine 2 rollback nobody
contains "an unknown name is told" "'nobody'" "$err"
engine 2 rollback shop seven
engine 2 rollback

engine 0 apply --force-renew
second=$(live shop)
engine 0 rollback shop
equal "the one before is live" 1 "$(generation shop)"
equal "it is the first" "$first" "$(live shop)"
proven "rolled back" shop web
proven "rolled back" shop mail
no_traces "rolled back"

# What is live stays so: neither apply nor verify brings the newer one back.
engine 0 verify
engine 0 apply --exit-code
proven "an apply afterwards" shop web
engine 1 rollback shop
contains "there is none before it" "no generation before 1" "$err"
engine 2 rollback shop 1
contains "it is live already" "live one already" "$err"

# Forward again, by number.
engine 0 rollback shop 2
equal "the second is live again" "$second" "$(live shop)"
proven "forward again" shop web
engine 1 rollback shop 9
contains "a generation that is not there" "generation 9" "$err"
engine 2 rollback shop 0
engine 0 apply --force-renew shop
equal "a renewal takes a number of its own" 3 "$(generation shop)"
engine 0 rollback shop 1
engine 0 apply --force-renew shop
equal "also after a rollback" 4 "$(generation shop)"
proven "renewed after a rollback" shop mail

# A rollback that fails is undone, and the live generation stays what it was.
fourth=$(live shop)
before=$(bytes web)
echo fail >"$tmp/web/moods"
engine 3 rollback shop
contains "the step is told" "failed at reload" "$out"
equal "the live one stays" "$fourth" "$(live shop)"
equal "the files of the target are what they were" "$before" "$(bytes web)"
equal "the certificate of the target is what it was" "$fourth" "$(served web)"
engine 0 apply
proven "an apply brings all targets to the live one" shop web
proven "an apply brings all targets to the live one" shop mail

# A damaged or expired generation is refused, and nothing is touched.
before=$(picture web; picture mail)
echo damaged >"$state/certificates/shop/generations/3/leaf.pem"
engine 1 rollback shop 3
contains "a damaged one is refused" "generation 3" "$err"
CE_FAULT=now:$((100 * 86400)) engine 1 rollback shop 2
contains "an expired one is refused" "generation 2 of certificate 'shop' cannot be put back" "$err"
contains "and the reason is told" "expired" "$err"
equal "nothing was touched" "$before" "$(picture web; picture mail)"
equal "the live one stays" "$fourth" "$(live shop)"

# A certificate without targets can be rolled back too: export hands it out.
engine 0 apply --force-renew spare
engine 0 rollback spare
equal "without targets" 2 "$(generation spare)"
finish
