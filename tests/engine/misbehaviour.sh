# A plugin that fails, hangs or crashes in any callback: one clear error, and the healthy target beside it is deployed.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
deadline=1
judge='import json, sys
report = json.load(sys.stdin)
targets = report["certificates"][0]["targets"]
print(report["exit"], *[t["name"] + " " + t["state"] for t in targets])
for t in targets:
	if t["error"]: print(t["step"] + ": " + t["error"])'

# bad OPTION CALLBACK: a healthy target, a bad one, and a second healthy one that follows it.
bad()
{
	certificates "$(certificate shop "$(target web web) $(target bad bad "$1 = \"$2\";") $(target mail mail)")"
}

# judged_bad WHAT STATE TEXT: what an apply said, and what became of all three.
judged_bad()
{
	local lines
	lines=$(python3 -c "$judge" <<<"$out")
	equal "$1: the states" "3 web deployed bad $2 mail deployed" "$(head -n 1 <<<"$lines")"
	equal "$1: there is one error" 2 "$(wc -l <<<"$lines")"
	contains "$1: it says what happened" "$3" "$lines"
	proven "$1" shop web
	proven "$1" shop mail
	equal "$1: the bad one's files are as before" "$before" "$(bytes bad)"
	equal "$1: the bad one's certificate is served" "$old" "$(served bad)"
	no_traces "$1"
}

server bad
bad fail_in none
engine 0 apply
for callback in create install endpoints reload verify; do
	case $callback in
	create | install | endpoints) state_then=failed ;;
	reload | verify) state_then=rolled-back ;;
	esac
	for way in fail crash; do
		before=$(bytes bad)
		old=$(served bad)
		bad "${way}_in" "$callback"
		engine 3 --json apply --force-renew
		case $way in
		fail) text="the sample fails in $callback as it was told" ;;
		crash) text="plugin 'sample' crashed (signal 11) in $callback" ;;
		esac
		judged_bad "$way in $callback" "$state_then" "$text"
		bad fail_in none
		engine 0 apply
		proven "$way in $callback: afterwards" shop bad
	done
done

# Text and log name certificate, target, plugin and step.
bad fail_in install
engine 3 apply --force-renew
contains "the event names all of them" "certificate=shop target=bad plugin=sample step=install result=failed" "$out"
contains "the summary names them" "shop/bad: failed at install: the sample fails in install as it was told" "$out"
engine 1 apply shop/bad
engine 0 apply shop/web shop/mail

# The time limits, under a clock that runs so many times as fast. A hang in reload is met twice: the way back reloads too.
hangs()
{
	local callback=$1 hurry=$2 state_then=$3 text=$4
	before=$(bytes bad)
	old=$(served bad)
	bad hang_in "$callback"
	CE_FAULT=hurry:$hurry engine 3 --json apply --force-renew
	judged_bad "hang in $callback" "$state_then" "did not answer within $text in $callback"
	bad fail_in none
	engine 0 apply
	proven "hang in $callback: afterwards" shop bad
}
hangs create 10 failed "10 s"
hangs install 10 failed "30 s"
hangs endpoints 10 failed "30 s"
deadline=100
hangs verify 20 rolled-back "60 s"
hangs reload 60 rolled-back "300 s"

# A plugin that goes wrong while it is destroyed has done its work.
for way in crash hang; do
	bad "${way}_in" destroy
	CE_FAULT=hurry:10 engine 0 apply --force-renew
	proven "$way in destroy" shop bad
	contains "$way in destroy: it is told" "plugin 'sample'" "$err"
done
finish
