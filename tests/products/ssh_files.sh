# What is done to files and by commands on a host that is reached by SSH: names and arguments with every odd byte, owners,
# modes, links, edits of somebody else, output and time without end.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/product.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
ssh_requires
requires openssl python3
ssh_start
far=$tmp/far
mkdir -m 755 "$far"

# target SETTING...: files at given paths on the host, told by a handshake nowhere.
target()
{
	config=$tmp/certengine.conf
	cat >"$config" <<-CONF
	issuers: { house: { kind = "local"; }; };
	certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ];
	  targets: { web: { plugin = "files"; host = "far"; verify: { off = "nothing listens"; };
	    $*
	  }; };
	}; };
	CONF
	ssh_hosts >>"$config"
}
state_of()
{
	find "$far" -printf '%p %m %U:%G %T@ %l\n' | sort
}

# --- names that a shell would take for something else
odd="$far/o'd d \$(id) \`id\` ;&|*?~#!-"
mkdir "$odd"
name="$odd/-key 'of' shöp.pem"
cat >"$far/say" <<-'SAY'
#!/bin/sh
for argument; do printf '[%s]' "$argument"; done >>"$(dirname "$0")/said"
pwd >>"$(dirname "$0")/said"
SAY
chmod 755 "$far/say"
target "key = \"$name\"; reload_command = [ \"$far/say\", \"a 'b' \\\"c\\\"\", \"\$HOME \`id\`\", \"*\", \"-n\", \"\\\\\\\\\" ];"
run 0 engine apply
run 0 openssl pkey -in "$name" -noout
equal "a new key is closed to others" 600 "$(stat -c %a "$name")"
equal "every argument arrived as it was" "[a 'b' \"c\"][\$HOME \`id\`][*][-n][\\\\]/" "$(cat "$far/said")"
before=$(state_of)
run 0 engine apply
equal "a second apply changes nothing" "$before" "$(state_of)"

# --- a program that is not there
target "key = \"$far/key.pem\"; reload_command = [ \"$far/nothing\" ];"
run 5 engine apply
contains "a program that is not there is told" "start '$far/nothing': no such program" "$out$err"
[ ! -e "$far/key.pem" ] || fail "the key stayed"
ok "and its files are gone again"

# --- a command that does not end is killed with its children; one that leaves something running is not waited for
cat >"$far/daemon" <<-'DAEMON'
#!/bin/sh
sleep 300 &
echo $! >"$(dirname "$0")/pid"
DAEMON
chmod 755 "$far/daemon"
target "key = \"$far/key.pem\"; reload_command = [ \"$far/daemon\" ];"
begin=$SECONDS
run 0 engine apply
[ $((SECONDS - begin)) -lt 20 ] || fail "it waited for what was left running"
kill -0 "$(cat "$far/pid")" || fail "what was left running is gone"
kill "$(cat "$far/pid")"
ok "what a command leaves running is neither waited for nor killed"

# --- much output is cut, and what a login script writes is not the command's
cat >"$far/floods" <<-'FLOODS'
#!/bin/sh
head -c 3000000 /dev/zero | tr '\0' x
echo 'the reason' >&2
exit 3
FLOODS
chmod 755 "$far/floods"
target "key = \"$far/key.pem\"; reload_command = [ \"$far/floods\" ];"
run 5 engine apply --force-renew
contains "what it said is told" "the reason" "$out$err"

# --- a large file takes several messages
head -c 3500000 /dev/urandom >"$far/large.pem"
target "key = \"$far/large.pem\";"
run 0 engine apply --force-deploy
run 0 openssl pkey -in "$far/large.pem" -noout

# --- links: one that root made is followed, one in a place of others is not
if [ "$(id -u)" = 0 ]; then
	mkdir -m 755 /run/certengine-test.$$
	cleanup_fn rm -rf /run/certengine-test.$$
	ln -s "$far/large.pem" /run/certengine-test.$$/link.pem
	target "key = \"/run/certengine-test.$$/link.pem\";"
	run 0 engine plan --exit-code
	run 0 engine apply --force-renew
	[ -L /run/certengine-test.$$/link.pem ] || fail "the link was replaced"
	run 0 openssl pkey -in "$far/large.pem" -noout
	mkdir "$far/theirs"
	chown daemon:daemon "$far/theirs"
	ln -s /run/certengine-test.$$ "$far/theirs/link"
	target "key = \"$far/theirs/link/other.pem\";"
	run 1 engine apply
	contains "a link in a directory of others is not followed" "symbolic link" "$out$err"
	[ ! -e /run/certengine-test.$$/other.pem ] || fail "it was followed"

	# --- owners are the host's
	target "key = \"$far/theirs/key.pem\"; mode = \"0640\";"
	run 0 engine apply
	equal "a new file belongs to whom its directory belongs" "640 daemon:daemon" "$(stat -c '%a %U:%G' "$far/theirs/key.pem")"
	target "key = \"$far/theirs/key.pem\"; owner = \"nobody\"; group = \"daemon\"; mode = \"0400\";"
	run 0 engine apply
	equal "owner, group and mode are as asked" "400 nobody:daemon" "$(stat -c '%a %U:%G' "$far/theirs/key.pem")"
	run 0 engine plan --exit-code
	target "key = \"$far/theirs/key.pem\"; owner = \"nobody-at-all\";"
	run 1 engine apply
	contains "an owner that the host does not know" "'nobody-at-all' is no user of host '$ssh_url'" "$out$err"
fi

# --- what is no file, and what has no directory
mkfifo "$far/pipe"
target "key = \"$far/pipe\";"
run 1 engine apply
contains "a pipe is no file" "is not a regular file" "$out$err"
target "key = \"$far/no/such/key.pem\";"
run 1 engine apply
contains "a directory that is not there is told" "there is no directory '$far/no/such'" "$out$err"

# --- two targets that write one path on different hosts do not meet
target "key = \"$far/key.pem\";"
sed -i "s|targets: {|targets: { here: { plugin = \"files\"; verify: { off = \"nothing listens\"; }; key = \"$far/key.pem\"; };|" "$config"
run 0 engine plan
lacks "they are no overlap" "give each a file of its own" "$out$err"

equal "no temporary is left" "" "$(find "$far" -name '.certengine*')"
finish
