# Every call that changes something fails once, and from then on: the exit status is true, the state old or new, and
# the next run converges (P2, P5).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
. "$TOP_SRCDIR/tests/engine/pointlib.sh"

server web
deadline=1
certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"wanted\";")")"
steady
CE_FAULT=$changing,count:$tmp/count engine 0 apply --force-renew
points=$(cat "$tmp/count")

# truthful: what the exit status says is so. 0: the live certificate is served. 1: it is the old one, or the deployment
# went through and what failed came after it. 3: nothing new could be issued, and the old one is served. 5: the text says where to look.
truthful()
{
	case $status in
	0) one_of "$(generation shop)" ;;
	1) one_of "$old" "$(generation shop)" ;;
	3) one_of "$old" ;;
	5) [[ $out == *"please look at it"* ]] ;;
	*) false ;;
	esac
}

seen=()
for fault in fail:EIO failall:ENOSPC; do
	for ((point = 1; point <= points; point++)); do
		old=$(generation shop)
		CE_FAULT=$changing,${fault%:*}:$point:${fault#*:} quick apply --force-renew
		judged "no sanitizer complains ($fault)" test "${err#*Sanitizer}" = "$err"
		judged "the exit status is true ($fault)" truthful
		seen[status]=$((${seen[status]:-0} + 1))
		quick apply
		judged "the next run ends with 0 ($fault)" [ "$status" = 0 ]
		judged "the next run converges ($fault)" settled "$(generation shop)"
	done
	ok "$points points, $fault: $(for i in "${!seen[@]}"; do echo -n "exit $i ${seen[i]} times; "; done)"
	seen=()
done
finish
