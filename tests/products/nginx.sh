# Sourced by tests on a real nginx, after tests/lib/testlib.sh. One nginx per test file.
#
#	nginx_requires
#	nginx_create             $nginx_base $nginx_http $nginx_https, and $nginx_ctl {start|stop|reload|restart|test}
#	nginx_start              waits until the plain port answers; the end of the test stops it
#
# It is Debian's nginx with a prefix of its own on 127.0.0.1, no system service. Under root its workers run as daemon.
. "$TOP_SRCDIR/tests/products/product.sh"

nginx_requires()
{
	PATH=$PATH:/usr/sbin
	requires nginx "$certengine" openssl curl
	nginx_program=$(command -v nginx)
}

# The script that stands for a service manager. Each reload adds a line to $nginx_base/reloads. A file "fail" in
# $nginx_base makes the next reload go wrong, once: it says so and does nothing. A reload ends when the old workers accept
# nothing any more: for a tenth of a second they do so beside the new ones.
nginx_write_ctl()
{
	nginx_ctl=$nginx_base/nginxctl
	cat >"$nginx_ctl" <<-CTL
	#!/bin/sh
	base=$nginx_base
	nginx="$nginx_program -p \$base/ -c \$base/nginx.conf"
	stop() {
		test -s \$base/nginx.pid || return 0
		pid=\$(cat \$base/nginx.pid)
		kill \$pid 2>/dev/null
		tries=0
		while kill -0 \$pid 2>/dev/null && test \$tries -lt 100; do tries=\$((tries + 1)); sleep 0.05; done
		rm -f \$base/nginx.pid
	}
	case \$1 in
	start) exec \$nginx ;;
	stop) stop ;;
	test) exec \$nginx -t ;;
	restart) stop; exec \$nginx ;;
	reload)
		if test -e \$base/fail; then rm \$base/fail; echo 'Job for nginx failed.' >&2; exit 7; fi
		echo reload >>\$base/reloads
		pid=\$(cat \$base/nginx.pid)
		old=\$(cat /proc/\$pid/task/\$pid/children)
		\$nginx -s reload || exit
		for worker in \$old; do
			tries=0
			while test "\$(cat /proc/\$worker/cmdline 2>/dev/null | tr -d '\\0')" = 'nginx: worker process' &&
				test \$tries -lt 100; do
				tries=\$((tries + 1))
				sleep 0.05
			done
		done
		;;
	esac
	CTL
	chmod 755 "$nginx_ctl"
}

# nginx_create: a plain server on 127.0.0.1; what a test adds goes into $nginx_base/sites/*.conf.
nginx_create()
{
	local user=
	[ "$(id -u)" != 0 ] || user='user daemon;'
	nginx_base=$tmp/product/nginx
	nginx_http=$(port_free)
	nginx_https=$(port_free)
	# shellcheck disable=SC2034 # for product.sh
	product_port=$nginx_https
	chmod 711 "$tmp"
	mkdir -m 755 -p "$tmp/product" "$nginx_base" "$nginx_base/sites" "$nginx_base/tls" "$nginx_base/tmp"
	cat >"$nginx_base/nginx.conf" <<-CONF
	# the configuration of a test
	$user
	worker_processes 1;
	pid $nginx_base/nginx.pid;
	error_log $nginx_base/error.log notice;
	events { worker_connections 64; }
	http {
	    access_log off;
	    client_body_temp_path $nginx_base/tmp/body;
	    proxy_temp_path $nginx_base/tmp/proxy;
	    fastcgi_temp_path $nginx_base/tmp/fastcgi;
	    uwsgi_temp_path $nginx_base/tmp/uwsgi;
	    scgi_temp_path $nginx_base/tmp/scgi;
	    include sites/*.conf;
	}
	CONF
	cat >"$nginx_base/sites/plain.conf" <<-CONF
	server {
	    listen 127.0.0.1:$nginx_http;
	    location / { return 200 "the page of the shop"; }
	}
	CONF
	chmod 644 "$nginx_base/nginx.conf" "$nginx_base/sites/plain.conf"
	nginx_write_ctl
	cleanup_fn "$nginx_ctl" stop
}

nginx_answers()
{
	[ "$(curl -s -m 5 "http://127.0.0.1:$nginx_http/")" = "the page of the shop" ]
}

nginx_start()
{
	"$nginx_ctl" start 2>"$tmp/.start" || fail "nginx was not started: $(cat "$tmp/.start")"
	wait_for 20 nginx_answers
}

# nginx_tls FILE [LINE...]: a TLS server with these files and lines.
nginx_tls()
{
	local file=$1
	shift
	{
		echo "server {"
		echo "    listen 127.0.0.1:$nginx_https ssl; # TLS"
		echo "    server_name shop.example.test www.shop.example.test;"
		for line; do
			echo "    $line"
		done
		echo "    location / { return 200 \"the page of the shop\"; }"
		echo "}"
	} >"$nginx_base/sites/$file"
	chmod 644 "$nginx_base/sites/$file"
}

nginx_reloads()
{
	cat "$nginx_base/reloads" 2>/dev/null | wc -l
}

# fetch: the page over https, with the embedded CA as the only one trusted.
fetch()
{
	curl -s -m 10 --cacert "$(state_file issuers/house/ca.pem)" \
		--resolve "shop.example.test:$nginx_https:127.0.0.1" "https://shop.example.test:$nginx_https/"
}

# target PLUGIN SETTING...: $config, with one certificate from an embedded CA in one target. $key, $deadline and $verify
# may be set before.
target()
{
	local plugin=$1
	shift
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
	        plugin = "$plugin";
	        verify: { ${verify:-deadline = ${deadline:-10}}; };
	        $*
	      };
	    };
	  };
	};
	CONF
}

# tree_state: every file with its content, mode, owner and time, but for what nginx writes itself.
tree_state()
{
	(cd "$nginx_base" && find . \( -path ./tmp -o -name 'error.log' -o -name nginx.pid -o -name reloads -o -name fail \) -prune -o \
		-type f -printf '%p %m %U:%G %T@ ' -exec sha256sum {} \; | sed 's/  .*//' | sort)
}

# tree_bytes: the same without times, for "byte-identical to before".
tree_bytes()
{
	tree_state | awk '{ print $1, $2, $3, $5 }'
}
