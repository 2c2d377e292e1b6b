# What is wrong in the configuration is found before anything is attempted: exit 2, and no directory is made.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web

# refused WHAT TEXT...: every command refuses the configuration, and each text is among the reasons.
refused()
{
	local what=$1 command
	shift
	for command in apply plan verify check 'rollback shop'; do
		# shellcheck disable=SC2086
		engine 2 $command
		for text; do
			contains "$what: $command tells it" "$text" "$err"
		done
		equal "$what: $command attempts nothing" '' "$(made)"
	done
	equal "$what: nothing was installed" '' "$(ls "$tmp"/web/*.pem 2>/dev/null)"
	equal "$what: nothing was reloaded" 0 "$(calls web)"
}

certificates "$(certificate shop "web: { plugin = \"smaple\"; };")"
refused "a plugin that is not there" "$conf:6: target 'web': there is no plugin 'smaple'" "did you mean 'sample'?"

certificates "$(certificate shop "$(target web web "pasword = \"x\";")")"
refused "an unknown option" "$conf:6" "'pasword'" "did you mean 'password'?"

certificates "$(certificate shop "$(target web web "sni = 7; mode = [ \"a\" ];")")"
refused "options of the wrong kind" "'sni'" "'mode'"

certificates "$(certificate shop "web: { plugin = \"sample\"; port = 70000; fail_in = \"nowhere\"; file = \"relative\"; };")"
refused "values out of range" "'port'" "'fail_in'" "'file'"

issuer=hosue
certificates "$(certificate shop "$(target web web)")"
refused "an issuer that is not there" "'hosue'" "did you mean 'house'?"
issuer=house

# All mistakes come in one run, each with its line.
certificates "$(certificate shop "web: { plugin = \"smaple\"; };" "kee = \"rsa-2048\";")
$(certificate intra "$(target web web "pasword = \"x\";")" "issuer2 = \"x\";")"
refused "several mistakes" "'smaple'" "'kee'" "'pasword'" "$conf:6" "$conf:7"

rm "$conf"
refused "no configuration" "$conf"

# A relation between options is the plugin's own: that target fails, the other one is deployed.
certificates "$(certificate shop "$(target web web) odd: { plugin = \"sample\"; keystore = \"$tmp/web/store.p12\"; };")"
engine 3 apply
contains "the plugin says what is missing" "shop/odd: failed at install: option 'keystore' needs the option 'password'" "$out"
proven "the target beside it" shop web

# Two targets that would undo each other in every run.
one="one: { plugin = \"sample\"; file = \"$tmp/shared\"; content = \"one\"; };"
two="two: { plugin = \"sample\"; file = \"$tmp/shared\"; content = \"two\"; };"
certificates "$(certificate clash "$one $two")"
engine 1 apply
contains "two targets with one file are refused" "is written by target" "$out"
[ ! -e "$tmp/shared" ] || fail "the file was written all the same"
engine 0 apply clash/one
equal "one of them alone is deployed" one "$(cat "$tmp/shared")"
engine 1 apply
equal "and stays" one "$(cat "$tmp/shared")"
finish
