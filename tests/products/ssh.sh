# Sourced by tests that reach their product by SSH, after tests/lib/testlib.sh.
#
#	ssh_requires
#	ssh_start          a real sshd on 127.0.0.1 with keys and configuration of its own: $ssh_port, $ssh_url, $ssh_dir
#	ssh_hosts [SETTING...]  prints the group "hosts" for it; further settings replace nothing
#	ssh_stop, ssh_again     ends it with all its connections; starts it on the same port
#	ssh_connections    how many there have been
#
# Whoever runs the test is the user; its files lie in $tmp.

ssh_requires()
{
	PATH=$PATH:/usr/sbin
	requires sshd ssh-keygen ssh-keyscan "$certengine"
	ssh_server=$(command -v sshd)
	ssh_sftp=
	local place
	for place in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do
		[ ! -x "$place" ] || ssh_sftp=$place
	done
	[ -n "$ssh_sftp" ] || skip "there is no sftp-server"
}

ssh_start()
{
	ssh_dir=$tmp/ssh
	ssh_port=$(port_free)
	mkdir -m 700 "$ssh_dir"
	ssh-keygen -q -t ed25519 -N '' -f "$ssh_dir/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$ssh_dir/identity"
	ssh-keygen -q -t ed25519 -N '' -f "$ssh_dir/stranger"
	cp "$ssh_dir/identity.pub" "$ssh_dir/authorized_keys"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	cat >"$ssh_dir/sshd_config" <<-CONF
	Port $ssh_port
	ListenAddress 127.0.0.1
	HostKey $ssh_dir/host_key
	PidFile $ssh_dir/pid
	AuthorizedKeysFile $ssh_dir/authorized_keys
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin prohibit-password
	LogLevel VERBOSE
	Subsystem sftp ${ssh_subsystem:-$ssh_sftp}
	CONF
	ssh_user=$(id -un)
	ssh_url=ssh://$ssh_user@127.0.0.1:$ssh_port
	ssh_known
	ssh_again
	cleanup_fn ssh_stop
}

# ssh_known [PUBLIC-KEY-FILE]: what is recorded for the host.
ssh_known()
{
	echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "${1:-$ssh_dir/host_key.pub}")" >"$ssh_dir/known_hosts"
}

# In a session of its own, so that its children can be ended with it.
ssh_again()
{
	setsid "$ssh_server" -D -e -f "$ssh_dir/sshd_config" </dev/null >/dev/null 2>>"$ssh_dir/log" &
	ssh_pid=$!
	wait_for 20 ssh-keyscan -p "$ssh_port" 127.0.0.1
}

# The children of a connection have sessions of their own, but keep their parent's name in their title and its descendants.
ssh_stop()
{
	ssh_cut
	[ -z "${ssh_pid:-}" ] || kill "$ssh_pid" 2>/dev/null
	[ -z "${ssh_pid:-}" ] || wait "$ssh_pid" 2>/dev/null
	ssh_pid=
}

# ssh_cut: every connection ends at once, the server goes on.
ssh_cut()
{
	local child
	for child in $(pgrep -P "${ssh_pid:-0}" 2>/dev/null); do
		pkill -KILL -P "$child" -f sshd 2>/dev/null
		kill -KILL "$child" 2>/dev/null
	done
}

ssh_hosts()
{
	cat <<-CONF
	hosts: {
	  far: {
	    url = "$ssh_url";
	    ${ssh_identity-identity = \"$ssh_dir/identity\";}
	    ${ssh_known_setting-known_hosts = \"$ssh_dir/known_hosts\";}
	    timeout = ${ssh_timeout:-5};
	    $*
	  };
	};
	CONF
}

ssh_connections()
{
	grep -c 'Accepted publickey' "$ssh_dir/log" || true
}
