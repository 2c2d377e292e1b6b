# What a killed run left is repaired from its journal alone; a journal that cannot be read stands in nobody's way.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/engine/pointlib.sh"

server web
server mail
deadline=1
shop=$(certificate shop "$(target web web)")
post=$(certificate post "$(target mail mail)")
certificates "$shop
$post"
engine 0 apply

# kill_in NAME SERVER: a renewal of NAME is killed when its files are new and nothing is reloaded yet.
kill_in()
{
	local forks
	rm -f "$tmp/count"
	CE_FAULT=only:fork,count:$tmp/count engine 0 apply --force-renew "$1"
	forks=$(<"$tmp/count")
	old=$(fingerprint "$tmp/$2/cert.pem")
	before=$(bytes "$2")
	CE_FAULT=only:fork,kill:$forks quick apply --force-renew "$1"
	equal "the run was killed" 137 "$status"
	[ "$before" != "$(bytes "$2")" ] || fail "the run was killed before anything was new"
}

# Looking tells what is unfinished and leaves it alone.
kill_in shop web
half=$(bytes web)
engine 4 verify
engine 0 plan
contains "a plan tells it" "1 unfinished transaction is" "$out"
engine 0 --json status
contains "status tells it" "1 unfinished transaction is" "$out"
equal "looking repairs nothing" "$half" "$(bytes web)"

# The configuration knows the target no more; the journal does.
certificates "$post"
engine 0 recover
contains "it is told what was repaired" "shop/web" "$out"
equal "the files are back" "$before" "$(bytes web)"
equal "the certificate is served" "$old" "$(served web)"
no_traces "repaired"
engine 0 recover
contains "once is enough" "nothing to recover" "$out"
certificates "$shop
$post"
engine 0 apply
proven "afterwards" shop web

# Its first record is damaged: it is moved aside and told (exit 5), and the run goes on.
kill_in shop web
log=$(find "$state/journal" -name log -not -path '*/kept/*')
sed -i '1s/"changes"/"chances"/' "$log"
engine 5 apply
contains "where it is now is told" "$state/journal/kept/" "$out$err"
equal "none is left" '' "$(find "$state/journal" -mindepth 1 -not -path '*/kept*')"
rm -f "$tmp"/web/.certengine-*
engine 0 apply
proven "the next run makes it whole" shop web

# A damaged one does not keep a whole one from being repaired in the same run.
kill_in shop web
damaged=$(find "$state/journal" -name log -not -path '*/kept/*')
mv "$(dirname "$damaged")" "$tmp/aside"
kill_in post mail
mv "$tmp/aside" "$(dirname "$damaged")"
sed -i '1s/"changes"/"chances"/' "$damaged"
engine 5 recover
contains "the damaged one is told" "$state/journal/kept/" "$out$err"
contains "the whole one too" "post/mail" "$out"
equal "the files of the whole one are back" "$before" "$(bytes mail)"
equal "none is left" '' "$(find "$state/journal" -mindepth 1 -not -path '*/kept*')"
rm -f "$tmp"/web/.certengine-*
engine 0 apply
proven "the next run" shop web
proven "the next run" post mail
engine 0 verify

# Where what is served says nothing of the reload that is missing, it is made up for: no endpoint, and the same certificate
# beside another file.
dir=$tmp/mail
certificates "$(certificate post "$(bare mail "cert_file = \"$dir/cert.pem\"; key_file = \"$dir/key.pem\"; reload = [ \"$dir/reload\" ];")")"
engine 0 apply
kill_in post mail
calls=$(calls mail)
engine 0 recover
equal "the missing reload is made up for" $((calls + 1)) "$(calls mail)"
equal "what is served is what is installed" "$(fingerprint "$dir/cert.pem")" "$(served mail)"
engine 0 apply
engine 0 apply --exit-code
proven "without an endpoint" post mail

certificates "$(certificate post "$(target mail mail "file = \"$dir/settings\"; content = \"one\";")")"
rm "$tmp/count"
CE_FAULT=only:fork,count:$tmp/count engine 0 apply
forks=$(<"$tmp/count")
certificates "$(certificate post "$(target mail mail "file = \"$dir/settings\"; content = \"two\";")")"
calls=$(calls mail)
CE_FAULT=only:fork,kill:$forks quick apply
equal "the run was killed" 137 "$status"
equal "before its reload" $calls "$(calls mail)"
engine 0 apply
equal "the settings are there" two "$(<"$dir/settings")"
equal "and were loaded" $((calls + 1)) "$(calls mail)"

# The missing reload fails: all is taken back.
echo fail >"$dir/moods"
certificates "$(certificate post "$(target mail mail "file = \"$dir/settings\"; content = \"three\";")")"
CE_FAULT=only:fork,kill:$forks quick apply
equal "the run was killed" 137 "$status"
engine 0 recover
equal "the settings are back" two "$(<"$dir/settings")"
engine 0 apply
equal "the next run" three "$(<"$dir/settings")"
finish
