# What others change: drift is seen (exit 4) and repaired, and an edit that was not read is never overwritten.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
deadline=1
certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"wanted\";")")"
engine 0 apply
proven "installed" shop web
engine 0 verify

# drifted WHAT TEXT: verify tells and changes nothing, apply repairs.
drifted()
{
	local before
	before=$(picture web)
	engine 4 verify
	contains "$1: verify tells it" "drift" "$out"
	contains "$1: verify shows it" "$2" "$out"
	engine 4 verify shop/web
	engine 4 plan --exit-code
	equal "$1: looking changes nothing" "$before" "$(picture web)"
	engine 4 apply --exit-code
	engine 0 verify
	proven "$1: repaired" shop web
	no_traces "$1"
	engine 0 apply --exit-code
}

echo mine >"$tmp/web/settings"
drifted "another content" "-mine"
equal "the content is repaired" wanted "$(cat "$tmp/web/settings")"

rm "$tmp/web/cert.pem"
drifted "a file that is gone" "$tmp/web/cert.pem"

chmod 644 "$tmp/web/key.pem"
engine 0 verify
equal "a mode that no option demands is the operator's" 644 "$(stat -c %a "$tmp/web/key.pem")"
certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"wanted\"; mode = \"0600\";")")"
drifted "another mode" "$tmp/web/key.pem"
equal "the mode is repaired" 600 "$(stat -c %a "$tmp/web/key.pem")"
if [ "$(id -u)" = 0 ]; then
	certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"wanted\"; owner = \"root\"; mode = \"0600\";")")"
	chown nobody "$tmp/web/key.pem"
	drifted "another owner" "$tmp/web/key.pem"
	equal "the owner is repaired" root "$(stat -c %U "$tmp/web/key.pem")"
fi

# Another certificate is served although the files are right.
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=foreign -days 2 -keyout "$tmp/web/other-key.pem" \
	-out "$tmp/web/other-cert.pem" 2>/dev/null
echo other >"$tmp/web/moods"
"$tmp/web/reload"
files=$(picture web)
drifted "another certificate is served" "serves another certificate"
equal "only a reload was needed" "$files" "$(picture web)"

# The server is gone: drift, and apply says what is wrong without harm to the files.
kill -9 "$(cat "$tmp/web/pid")"
engine 4 verify
contains "nobody listens" "onnection refused" "$out"
files=$(picture web)
engine 1 apply
contains "the step is told" "failed at reload" "$out"
equal "the files are what they were" "$files" "$(picture web)"
server_start web
engine 0 apply
engine 0 verify

# A foreign edit between reading and writing: one of a reload's children could do it, here a command that is a step
# of the transaction. The edit survives, the rest is as before (P7).
cat >"$tmp/web/edit" <<-EDIT
#!/bin/sh
echo edited by hand >$tmp/web/settings
EDIT
chmod 755 "$tmp/web/edit"
before=$(sha256sum "$tmp/web/cert.pem" "$tmp/web/key.pem")
certificates "$(certificate shop "$(bare editor "file = \"$tmp/web/note\"; command = [ \"$tmp/web/edit\" ]; undo = [ \"/bin/true\" ]; reload_key = \"one\"; reload = [ \"/bin/false\" ];")
$(target web web "file = \"$tmp/web/settings\"; content = \"newly wanted\"; reload_key = \"one\";")")"
engine 5 apply
contains "the edit is told" "$tmp/web/settings' was changed by somebody else" "$out"
equal "the edit survives" "edited by hand" "$(cat "$tmp/web/settings")"
equal "the other files are as before" "$before" "$(sha256sum "$tmp/web/cert.pem" "$tmp/web/key.pem")"
equal "what was new is gone" '' "$(ls "$tmp/web/note" 2>/dev/null)"

# The operator settles it; the next run converges.
certificates "$(certificate shop "$(target web web "file = \"$tmp/web/settings\"; content = \"newly wanted\";")")"
engine 0 apply
engine 0 verify
equal "the next run converges" "newly wanted" "$(cat "$tmp/web/settings")"
finish
