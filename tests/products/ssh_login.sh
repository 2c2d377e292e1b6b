# Who is talked to and who is let in: host keys are pinned, keys of our own are closed to others, nothing is tried twice.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
sample_requires
ssh_requires
requires ssh-agent ssh-add
sample_start
ssh_start

far()
{
	sample_configure 'host = "far";'
	ssh_hosts "$@" >>"$config"
}

# refused WHAT PART: an apply fails for this reason before anything is changed, and the host's server let nobody in.
refused()
{
	local before=$(ssh_connections) state
	state=$(product_state)
	run 1 engine apply
	contains "$1" "$2" "$out$err"
	contains "and the host is named" "$ssh_url" "$out$err"
	equal "nobody logged in" "$before" "$(ssh_connections)"
	equal "nothing was changed" "$state" "$(product_state)"
}

# --- host keys
: >"$ssh_dir/known_hosts"
far
refused "a host that is not known is not trusted" "the host key of '[127.0.0.1]:$ssh_port' is not known"
contains "its key is shown" "$(ssh-keygen -lf "$ssh_dir/host_key.pub" | cut -d' ' -f2)" "$out$err"
contains "and how to record it" "ssh-keyscan -p $ssh_port 127.0.0.1 >>$ssh_dir/known_hosts" "$out$err"
equal "nothing was recorded by itself" "" "$(cat "$ssh_dir/known_hosts")"
ssh_known "$ssh_dir/stranger.pub"
refused "a host key that has changed is refused" "the host key has changed"
{
	echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$ssh_dir/host_key.pub")"
	echo "@revoked [127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$ssh_dir/host_key.pub")"
} >"$ssh_dir/known_hosts"
refused "one that is marked as revoked too" "marked as revoked"
echo "127.0.0.1 $(cut -d' ' -f1,2 "$ssh_dir/host_key.pub")" >"$ssh_dir/known_hosts"
refused "the same address at another port is another host" "is not known"
ssh_known
chmod 666 "$ssh_dir/known_hosts"
refused "what others may write says nothing" "can be written by others"
chmod 600 "$ssh_dir/known_hosts"
rm "$ssh_dir/known_hosts"
refused "known hosts that are not there are told" "known hosts"

# --- keys of our own
ssh_known
ssh_identity="identity = \"$ssh_dir/stranger\";" far
refused "a key that the host does not know" "may not log in"
chmod 644 "$ssh_dir/identity"
far
refused "a key that others can read" "is open to others (mode 0644"
chmod 600 "$ssh_dir/identity"
ssh-keygen -q -t ed25519 -N 'its passphrase' -f "$ssh_dir/locked"
ssh_identity="identity = \"$ssh_dir/locked\";" far
refused "a key with a passphrase" "no private key without a passphrase"
lacks "no key is shown" "PRIVATE KEY" "$out$err"

# --- in hashed form, the other kinds of keys, several identities, an agent
ssh-keygen -q -H -f "$ssh_dir/known_hosts" >/dev/null 2>&1
ssh_identity="identity = [ \"$ssh_dir/stranger\", \"$ssh_dir/identity\" ];" far
run 0 engine apply
run 0 engine verify
ssh-keygen -q -t rsa -b 2048 -N '' -f "$ssh_dir/rsa"
ssh-keygen -q -t ecdsa -N '' -f "$ssh_dir/ecdsa"
cat "$ssh_dir/rsa.pub" "$ssh_dir/ecdsa.pub" >>"$ssh_dir/authorized_keys"
for kind in rsa ecdsa; do
	ssh_identity="identity = \"$ssh_dir/$kind\";" far
	run 0 engine verify
done
eval "$(ssh-agent -a "$ssh_dir/agent" -s)" >/dev/null
cleanup_fn kill "$SSH_AGENT_PID"
ssh-add -q "$ssh_dir/identity"
ssh_identity="agent = \"$ssh_dir/agent\";" far
run 0 engine verify
ssh_identity="agent = \"$ssh_dir/no-agent\";" far
run 1 engine verify
contains "an agent that is not there is told" "connect to the agent" "$out$err"

# --- a recorded key of another kind than the server would choose
ssh-keygen -q -t ecdsa -N '' -f "$ssh_dir/host_ecdsa"
echo "HostKey $ssh_dir/host_ecdsa" >>"$ssh_dir/sshd_config"
ssh_stop
ssh_again
ssh_known "$ssh_dir/host_ecdsa.pub"
far
run 0 engine verify
ok "the kind of key that is recorded is asked for"

# --- what the server must have
sed -i "s|^Subsystem.*|Subsystem sftp /bin/false|" "$ssh_dir/sshd_config"
ssh_stop
ssh_again
run 1 engine verify
contains "a server without SFTP is told" "SFTP" "$out$err"
finish
