# Sourced by tests on a real Tomcat, after tests/lib/testlib.sh. One Tomcat per test file: a start takes seconds.
#
#	tomcat_requires
#	tomcat_create            $tomcat_base $tomcat_http $tomcat_https, and $tomcat_ctl {start|stop|restart}
#	tomcat_start             waits until the plain port answers; the end of the test stops it
#	tomcat_configure         $config: one certificate from an embedded CA, in one target on this Tomcat
#
# It is Debian's Tomcat 10.1 with a CATALINA_BASE of its own on 127.0.0.1, no system service. Under root it runs as the
# account daemon, and its configuration belongs to root, as Debian's package has it.

. "$TOP_SRCDIR/tests/products/product.sh"
tomcat_password=manager.of.tests

tomcat_requires()
{
	requires tomcat10-instance-create /usr/share/tomcat10/bin/catalina.sh "$certengine" openssl curl python3
	[ -d /usr/share/tomcat10-admin/manager ] || skip "tomcat10-admin is not on this machine"
	tomcat_java=$(
		# shellcheck source=/dev/null
		. /usr/libexec/tomcat10/tomcat-locate-java.sh >/dev/null 2>&1
		echo "${JAVA_HOME:-}"
	)
	[ -x "$tomcat_java/bin/java" ] || skip "no Java runtime is on this machine"
}

# The script that stands for a service manager: it answers when Tomcat has been started, not when it is ready
# (as systemctl does for Type=simple). Each start adds a line to $tomcat_base/starts. Two files in $tomcat_base make
# the next restart go wrong, once: "fail" (it says so and does nothing), "die" (it stops Tomcat and starts nothing).
tomcat_write_ctl()
{
	local as=
	[ "$(id -u)" != 0 ] || as='setpriv --reuid=daemon --regid=daemon --clear-groups'
	tomcat_ctl=$tomcat_base/bin/tomcatctl
	cat >"$tomcat_ctl" <<-CTL
	#!/bin/sh
	base=$tomcat_base
	start() {
		echo start >>\$base/starts
		CATALINA_BASE=\$base CATALINA_HOME=/usr/share/tomcat10 JAVA_HOME=$tomcat_java \\
		JAVA_OPTS='-Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true' \\
			setsid $as /usr/share/tomcat10/bin/catalina.sh run >>\$base/catalina.out 2>&1 </dev/null &
		echo \$! >\$base/pid
	}
	alive() {
		kill -0 \$1 2>/dev/null && ! grep -q '^State:.Z' /proc/\$1/status 2>/dev/null
	}
	stop() {
		test -s \$base/pid || return 0
		pid=\$(cat \$base/pid)
		kill \$pid 2>/dev/null
		tries=0
		while alive \$pid; do
			tries=\$((tries + 1))
			test \$tries -lt 100 || kill -9 \$pid 2>/dev/null
			sleep 0.1
		done
		rm -f \$base/pid
	}
	case \$1 in
	start) start ;;
	stop) stop ;;
	restart)
		if test -e \$base/fail; then rm \$base/fail; echo 'Job for tomcat failed.' >&2; exit 7; fi
		stop
		if test -e \$base/die; then rm \$base/die; exit 0; fi
		start
		;;
	esac
	CTL
	chmod 755 "$tomcat_ctl"
}

tomcat_settle_owners()
{
	chmod -R u+rwX,g+rX,o-rwx "$tomcat_base"
	chmod -R go+rX "$tomcat_base/bin"
	[ "$(id -u)" != 0 ] || chown -R root:daemon "$tomcat_base"
	chmod 2770 "$tomcat_base/logs" "$tomcat_base/work" "$tomcat_base/temp" "$tomcat_base/conf/Catalina/localhost"
}

# tomcat_create: a base with a plain connector on 127.0.0.1, a page, and the manager with a script user.
tomcat_create()
{
	tomcat_base=$tmp/product/tomcat
	tomcat_http=$(port_free)
	tomcat_https=$(port_free)
	# shellcheck disable=SC2034 # for product.sh
	product_port=$tomcat_https
	chmod 711 "$tmp"
	mkdir -m 755 "$tmp/product"
	tomcat10-instance-create -p "$tomcat_http" "$tomcat_base" >/dev/null </dev/null ||
		fail "tomcat10-instance-create failed"
	sed -i -e 's/<Server port="[0-9]*"/<Server port="-1"/' \
		-e "s/<Connector port=\"$tomcat_http\"/<Connector address=\"127.0.0.1\" port=\"$tomcat_http\"/" \
		-e "s/redirectPort=\"8443\"/redirectPort=\"$tomcat_https\"/" \
		-e 's/suffix="\.txt"/suffix=".txt" buffered="false"/' "$tomcat_base/conf/server.xml"
	mkdir -p "$tomcat_base/webapps/ROOT" "$tomcat_base/conf/Catalina/localhost"
	echo 'the page of the shop' >"$tomcat_base/webapps/ROOT/index.html"
	cp /etc/tomcat10/Catalina/localhost/manager.xml "$tomcat_base/conf/Catalina/localhost/manager.xml"
	cat >"$tomcat_base/conf/tomcat-users.xml" <<-USERS
	<?xml version="1.0" encoding="UTF-8"?>
	<tomcat-users xmlns="http://tomcat.apache.org/xml">
	  <user username="tester" password="$tomcat_password" roles="manager-script,manager-jmx"/>
	</tomcat-users>
	USERS
	printf 'tester:%s' "$tomcat_password" >"$tmp/manager.credentials"
	tomcat_write_ctl
	tomcat_settle_owners
	cleanup_fn "$tomcat_ctl" stop
}

tomcat_answers()
{
	curl -s -m 5 -o "$tmp/.page" "http://127.0.0.1:$tomcat_http/" && grep -q shop "$tmp/.page"
}

# tomcat_start also after a test stopped it.
tomcat_start()
{
	"$tomcat_ctl" start || fail "Tomcat was not started"
	wait_for 60 tomcat_answers
}

# tomcat_starts: how often Tomcat was started so far; tomcat_reloads: how often sslReload was asked for.
tomcat_starts()
{
	wc -l <"$tomcat_base/starts"
}

tomcat_reloads()
{
	cat "$tomcat_base"/logs/localhost_access_log.*.txt 2>/dev/null | grep -c sslReload || true
}

# tomcat_log_mark remembers the end of Tomcat's log; tomcat_log_since prints what was added.
tomcat_log_mark()
{
	tomcat_mark=$(wc -c <"$tomcat_base/catalina.out")
}

tomcat_log_since()
{
	tail -c "+$((tomcat_mark + 1))" "$tomcat_base/catalina.out"
}

# tomcat_configure [SETTING...]: further settings of the target. $issuer, $key, $restart and $deadline may be set before.
tomcat_configure()
{
	local local_ca='kind = "local";'
	config=$tmp/certengine.conf
	cat >"$config" <<-CONF
	issuers: { house: { ${issuer:-$local_ca} }; };
	certificates: {
	  shop: {
	    issuer = "house";
	    names = [ "shop.example.test", "www.shop.example.test" ];
	    key = "${key:-ec-p256}";
	    targets: {
	      web: {
	        plugin = "tomcat";
	        home = "/usr/share/tomcat10";
	        base = "$tomcat_base";
	        address = "127.0.0.1";
	        port = $tomcat_https;
	        restart_command = [ "${restart:-$tomcat_ctl}", "restart" ];
	        verify: { deadline = ${deadline:-30}; };
	        $*
	      };
	    };
	  };
	};
	CONF
}

# tomcat_by_manager: the settings of a reload through sslReload, for tomcat_configure.
tomcat_by_manager()
{
	echo "manager_url = \"http://127.0.0.1:$tomcat_http/manager\"; manager_credentials = \"$tmp/manager.credentials\";"
}

# fetch: the page over https, with the embedded CA as the only one trusted.
fetch()
{
	curl -s -m 10 --cacert "$(state_file issuers/house/ca.pem)" \
		--resolve "shop.example.test:$tomcat_https:127.0.0.1" "https://shop.example.test:$tomcat_https/${1:-}"
}

# connector PORT: the whole element of the connector on that port, as a parser sees it.
connector()
{
	python3 -c '
import sys
import xml.etree.ElementTree as tree
for element in tree.parse(sys.argv[1]).iter("Connector"):
    if element.get("port") == sys.argv[2]:
        print(tree.tostring(element, encoding="unicode"))
' "$tomcat_base/conf/server.xml" "$1"
}

# connector_value NAME: an attribute of the certificate of the TLS connector.
connector_value()
{
	connector "$tomcat_https" | sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p"
}

# tree_state DIR: every file with its content, mode, owner and time, but for what a running Tomcat writes itself.
tree_state()
{
	(cd "$1" && find . \( -path ./logs -o -path ./work -o -path ./temp -o -path ./catalina.out -o -name pid \
		-o -name starts -o -name fail -o -name die \) -prune -o \
		-type f -printf '%p %m %U:%G %T@ ' -exec sha256sum {} \; | sed 's/  .*//' | sort)
}

# tree_bytes DIR: the same without times, for "byte-identical to before".
tree_bytes()
{
	tree_state "$1" | awk '{ print $1, $2, $3, $5 }'
}
