# Sourced by tests on a real Spring Boot application, after tests/lib/testlib.sh. One application per test file.
#
#	springboot_requires VERSION...
#	springboot_create VERSION  $app (its directory), $app_port, and $app_ctl {start|stop|restart}
#	springboot_start           waits until it answers on plain http; the end of the test stops it
#	target SETTING...          $config: one certificate from an embedded CA in one target on this application
#
# The application is compiled here, with the libraries that scripts/install-springboot fetched from Maven Central. Under
# root it runs as daemon, and its configuration belongs to root.
. "$TOP_SRCDIR/tests/products/product.sh"

springboot_requires()
{
	local version
	requires javac keytool openssl curl "$certengine"
	for version; do
		"$TOP_SRCDIR/scripts/install-springboot" --find "$version" >/dev/null ||
			skip "Spring Boot $version is not on this machine (scripts/install-springboot $version)"
	done
}

# As nginx and Tomcat have it: restart answers when the application has been started, not when it is ready. A file "fail" in
# $app makes the next restart go wrong, once.
springboot_write_ctl()
{
	local as=
	[ "$(id -u)" != 0 ] || as='setpriv --reuid=daemon --regid=daemon --clear-groups'
	app_ctl=$app/ctl
	cat >"$app_ctl" <<-CTL
	#!/bin/sh
	cd $app || exit 1
	start() {
		echo start >>starts
		setsid $as java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \\
			-cp "classes:$app_libraries/*" shop.App >>log 2>&1 </dev/null &
		echo \$! >pid
	}
	stop() {
		test -s pid || return 0
		pid=\$(cat pid)
		kill \$pid 2>/dev/null
		tries=0
		while kill -0 \$pid 2>/dev/null && ! grep -q '^State:.Z' /proc/\$pid/status 2>/dev/null; do
			tries=\$((tries + 1))
			test \$tries -lt 60 || kill -9 \$pid 2>/dev/null
			sleep 0.1
		done
		rm -f pid
	}
	case \$1 in
	start) start ;;
	stop) stop ;;
	restart)
		if test -e fail; then rm fail; echo 'Job for shop failed.' >&2; exit 7; fi
		stop
		start
		;;
	esac
	CTL
	chmod 755 "$app_ctl"
}

# springboot_create VERSION [FILE]: an application with its configuration in FILE, application.properties by default.
springboot_create()
{
	app=$tmp/product/app
	app_libraries=$("$TOP_SRCDIR/scripts/install-springboot" --find "$1")
	app_config=$app/${2:-application.properties}
	app_port=$(port_free)
	# shellcheck disable=SC2034 # for product.sh
	product_port=$app_port
	chmod 711 "$tmp"
	mkdir -m 755 "$tmp/product" "$app" "$app/classes"
	cat >"$tmp/App.java" <<-'JAVA'
	package shop;
	@org.springframework.boot.autoconfigure.SpringBootApplication
	@org.springframework.web.bind.annotation.RestController
	public class App {
		@org.springframework.web.bind.annotation.GetMapping("/")
		public String page() { return "the page of the shop"; }
		public static void main(String[] arguments) {
			org.springframework.boot.SpringApplication.run(App.class, arguments);
		}
	}
	JAVA
	(umask 022 && javac -parameters -cp "$app_libraries/*" -d "$app/classes" "$tmp/App.java") || fail "javac failed"
	springboot_write_ctl
	cleanup_fn "$app_ctl" stop
}

# springboot_configure TEXT: the configuration, closed to others.
springboot_configure()
{
	printf '%s' "$1" >"$app_config"
	[ "$(id -u)" != 0 ] || chown root:daemon "$app_config"
	chmod 640 "$app_config"
}

springboot_answers()
{
	[ "$(curl -s -m 5 "http://127.0.0.1:$app_port/")" = "the page of the shop" ]
}

springboot_start()
{
	"$app_ctl" start
	wait_for 60 springboot_answers
}

springboot_starts()
{
	wc -l <"$app/starts"
}

# fetch: the page over https, with the embedded CA as the only one trusted.
fetch()
{
	curl -s -m 10 --cacert "$(state_file issuers/house/ca.pem)" \
		--resolve "shop.example.test:$app_port:127.0.0.1" "https://shop.example.test:$app_port/"
}

# target SETTING...: $key, $deadline and $restart may be set before.
target()
{
	config=$tmp/certengine.conf
	cat >"$config" <<-CONF
	issuers: { house: { kind = "local"; }; };
	certificates: {
	  shop: {
	    issuer = "house";
	    names = [ "shop.example.test", "www.shop.example.test" ];
	    key = "${key:-ec-p256}";
	    targets: {
	      web: {
	        plugin = "springboot";
	        config = "$app_config";
	        restart_command = [ "${restart:-$app_ctl}", "restart" ];
	        verify: { ${verify:-deadline = ${deadline:-40}}; };
	        $*
	      };
	    };
	  };
	};
	CONF
}

# tree_state: every file with its content, mode, owner and time, but for what a running application writes itself.
tree_state()
{
	(cd "$app" && find . \( -path ./classes -o -name log -o -name pid -o -name starts -o -name fail \) -prune -o \
		-type f -printf '%p %m %U:%G %T@ ' -exec sha256sum {} \; | sed 's/  .*//' | sort)
}

# tree_bytes: the same without times, for "byte-identical to before".
tree_bytes()
{
	tree_state | awk '{ print $1, $2, $3, $5 }'
}
