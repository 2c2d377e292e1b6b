# The operations of a host that is reached by a real sshd, one by one.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/ssh.sh"
ssh_requires
ssh_start
mkdir -m 755 "$tmp/far"
chmod 711 "$tmp"
run 0 "$TOP_BUILDDIR/tests/products/ssh-host" 127.0.0.1 "$ssh_port" "$ssh_user" "$ssh_dir/identity" "$ssh_dir/known_hosts" \
	"$tmp/far"
equal "all by one connection" 1 "$(ssh_connections)"

# The same with the SFTP that is built into the server.
ssh_stop
sed -i 's|^Subsystem.*|Subsystem sftp internal-sftp|' "$ssh_dir/sshd_config"
ssh_again
rm -rf "$tmp/far"
mkdir -m 755 "$tmp/far"
run 0 "$TOP_BUILDDIR/tests/products/ssh-host" 127.0.0.1 "$ssh_port" "$ssh_user" "$ssh_dir/identity" "$ssh_dir/known_hosts" \
	"$tmp/far"
finish
