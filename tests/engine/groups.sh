# Targets of one product instance commit together and reload once; groups do not stand in each other's way.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
server log
deadline=1
key='reload_key = "tomcat at /srv";'

# Two certificates in one instance, and both targets write one file.
both()
{
	certificates "$(certificate shop "$(target web web "$key file = \"$tmp/web/server.conf\"; content = \"$1\"; $3")")
$(certificate intra "$(bare intra "$key file = \"$tmp/web/server.conf\"; content = \"$2\"; cert_file = \"$tmp/web/intra.pem\"; reload = [ \"$tmp/web/reload\" ]; $4")")
$(certificate post "$(target mail mail "$5")")"
}
both one two '' '' ''
engine 0 apply
equal "one reload for two targets" 1 "$(calls web)"
equal "the other product has its own" 1 "$(calls mail)"
proven "first of the group" shop web
equal "second of the group" "$(live intra)" "$(fingerprint "$tmp/web/intra.pem")"
equal "the later target works on what the earlier one staged" two "$(cat "$tmp/web/server.conf")"
engine 0 apply --exit-code
engine 0 verify
equal "nothing to do: no reload" 1 "$(calls web)"

# One of them is renewed: both are in the transaction, still one reload.
engine 0 apply --force-renew intra
equal "a renewal of one reloads once" 2 "$(calls web)"
equal "it is installed" "$(live intra)" "$(fingerprint "$tmp/web/intra.pem")"
engine 0 apply --force-renew
equal "a renewal of both reloads once" 3 "$(calls web)"
equal "a renewal of all reloads the other once" 2 "$(calls mail)"

# The reload fails: both are as before, both are told, the other group went through.
before=$(bytes web)
served=$(served web)
echo fail >"$tmp/web/moods"
engine 3 --json apply --force-renew
judge='import json, sys
report = json.load(sys.stdin)
print(report["exit"], *[t["name"] + " " + t["state"] + " " + str(t["step"]) for c in report["certificates"] for t in c["targets"]])'
equal "a failed reload concerns the whole group only" \
	"3 web rolled-back reload intra rolled-back reload mail deployed None" "$(python3 -c "$judge" <<<"$out")"
equal "the group's files are as before" "$before" "$(bytes web)"
equal "the group's certificate is as before" "$served" "$(served web)"
proven "the other group" post mail
engine 0 apply
proven "the next run" shop web
equal "the next run" "$(live intra)" "$(fingerprint "$tmp/web/intra.pem")"

# Installing fails for one of them: the others of its instance are not held up, and nothing of it is written.
both one two '' 'fail_in = "install";' ''
engine 3 --json apply --force-renew
equal "a failed installation concerns its target" \
	"3 web deployed None intra failed install mail deployed None" "$(python3 -c "$judge" <<<"$out")"
proven "the one that went well" shop web
equal "the other wrote nothing" one "$(cat "$tmp/web/server.conf")"

# A command of one target fails in the middle: what came before it in the group is taken back.
both three two '' "command = [ \"/bin/false\" ]; undo = [ \"/bin/true\" ];" ''
before=$(bytes web)
engine 3 --json apply
equal "a failed command concerns the whole group" \
	"3 web rolled-back commit intra rolled-back commit mail ok None" "$(python3 -c "$judge" <<<"$out")"
equal "files written before it are back" "$before" "$(bytes web)"
equal "the shared file is back" one "$(cat "$tmp/web/server.conf")"

# The same key in another plugin's or in no group is another instance.
certificates "$(certificate shop "$(target web web) $(target log log)")
$(certificate post "$(target mail mail)")"
engine 0 apply --force-renew
equal "without a key each reloads on its own" "1" "$(calls log)"
both one two '' '' ''
engine 0 apply
engine 0 verify
no_traces "in the end"
finish
