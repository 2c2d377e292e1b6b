# Sourced by tests of the WebSocket server of FME Flow, after tests/lib/testlib.sh.
#
#	websocket_requires
#	websocket_create         $fme (the installation), $fme_port, and $fme_ctl {start|stop|restart}
#	websocket_start          waits until it answers in plain text; the end of the test stops it
#	target SETTING...        $config: one certificate from an embedded CA in one target on this installation
#
# FME Flow cannot be had for tests. The tree is built from the vendor's text, with the names of the publisher's and the
# subscriber's files as they are believed to be (the text has lost them), and websocket_standin.py stands in for the
# Core. The add scripts note what they were run on. Under root the Core runs as daemon, and the files belong to root.
. "$TOP_SRCDIR/tests/products/product.sh"

websocket_requires()
{
	requires python3 openssl curl "$certengine"
}

# Files in $fme make a step go wrong, once: "fail" (the restart says so and does nothing), "die" (it stops the Core and
# starts nothing), "fail-publishers" and "fail-subscribers" (the add script says so and does nothing).
websocket_write_programs()
{
	local as='' kind name
	[ "$(id -u)" != 0 ] || as='setpriv --reuid=daemon --regid=daemon --clear-groups'
	fme_ctl=$fme/Server/fmectl
	cat >"$fme_ctl" <<-CTL
	#!/bin/sh
	cd $fme || exit 1
	start() {
		echo start >>starts
		setsid $as env TMPDIR=/tmp python3 $tmp/product/standin.py $fme >>log 2>&1 </dev/null &
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
		if test -e fail; then rm fail; echo 'Job for fmeflow failed.' >&2; exit 7; fi
		stop
		if test -e die; then rm die; exit 0; fi
		start
		;;
	esac
	CTL
	for kind in publishers subscribers; do
		name=add${kind^}.sh
		cat >"$fme/Clients/utilities/$name" <<-ADD
		#!/bin/sh
		if test -e $fme/fail-$kind; then rm $fme/fail-$kind; echo 'no answer from the database' >&2; exit 3; fi
		sha256sum <$fme/localization/$kind/websocket/${kind%s}Properties.xml >>$fme/known-$kind
		ADD
		chmod 755 "$fme/Clients/utilities/$name"
	done
	chmod 755 "$fme_ctl"
}

websocket_write_files()
{
	local kind
	cat >"$fme/Server/fmeWebSocketConfig.txt" <<-CONFIG
	# WebSocket server
	WEBSOCKET_REQUEST_PORT=$fme_port

	# Uncomment the following to enable SSL
	# WEBSOCKET_ENABLE_SSL=false
	# WEBSOCKET_KEYSTORE_FILE_PATH=
	# WEBSOCKET_KEYSTORE_FILE_PASSWORD=
	WEBSOCKET_LOG_LEVEL = INFO
	CONFIG
	for kind in publishers subscribers; do
		printf '%s\r\n' "# of the $kind" "CLASS_NAME=COM.safe.websocket.$kind" '#WEBSOCKET_ENABLE_SSL=false' \
			'NOTE=a = b' >"$fme/Server/config/$kind/websocket.properties"
		echo 'MAIL_HOST=localhost' >"$fme/Server/config/$kind/email.properties"
		: >"$fme/Server/config/$kind/empty.properties"
		cat >"$fme/localization/$kind/websocket/${kind%s}Properties.xml" <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<!-- was: value="ws://old:7078/websocket" -->
		<PROPERTIES>
		  <PROPERTY name='url'   value="ws://shop.example.test:$fme_port/websocket" label="URL"/>
		  <PROPERTY name="stream" value="news" /><!-- stays -->
		</PROPERTIES>
		XML
	done
}

websocket_create()
{
	fme=$tmp/product/fmeflow
	fme_port=$(port_free)
	# shellcheck disable=SC2034 # for product.sh
	product_port=$fme_port
	chmod 711 "$tmp"
	mkdir -m 755 "$tmp/product" "$fme"
	(umask 022 && mkdir -p "$fme/Server/config/publishers" "$fme/Server/config/subscribers" "$fme/Clients/utilities" \
		"$fme/localization/publishers/websocket" "$fme/localization/subscribers/websocket" &&
		cp "$TOP_SRCDIR/tests/products/websocket_standin.py" "$tmp/product/standin.py")
	websocket_write_programs
	websocket_write_files
	find "$fme" -type f ! -perm /111 -exec chmod 640 {} +
	[ "$(id -u)" != 0 ] || chgrp -R daemon "$fme"
	cleanup_fn "$fme_ctl" stop
}

# upgrade SCHEME: the status of the answer to a request for a WebSocket, made by hand.
upgrade()
{
	curl -s -k -m 5 --http1.1 -I -X GET -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$1://127.0.0.1:$fme_port/websocket" | sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p'
}

# websocket_answers [SCHEME]
websocket_answers()
{
	[ "$(upgrade "${1:-http}")" = 101 ]
}

websocket_start()
{
	"$fme_ctl" start
	wait_for 30 websocket_answers
}

websocket_starts()
{
	wc -l <"$fme/starts"
}

# known KIND: how often the definitions were made known, and whether the last time was with those that are there.
known()
{
	local file=$fme/localization/$1/websocket/${1%s}Properties.xml
	echo "$(grep -c . "$fme/known-$1" 2>/dev/null) $([ "$(tail -n 1 "$fme/known-$1" 2>/dev/null)" = "$(sha256sum <"$file")" ] &&
		echo current || echo stale)"
}

# directives FILE: the three, as they stand in a file below $fme/Server.
directives()
{
	tr -d '\r' <"$fme/Server/$1" | grep -E '^WEBSOCKET_(ENABLE_SSL|KEYSTORE_FILE_PATH|KEYSTORE_FILE_PASSWORD)=' | sort
}
# shellcheck disable=SC2034 # for tests
server_file=fmeWebSocketConfig.txt publisher_file=config/publishers/websocket.properties \
	subscriber_file=config/subscribers/websocket.properties

# target SETTING...: $deadline and $restart may be set before.
target()
{
	config=$tmp/certengine.conf
	cat >"$config" <<-CONF
	issuers: { house: { kind = "local"; }; };
	certificates: {
	  shop: {
	    issuer = "house";
	    names = [ "shop.example.test", "www.shop.example.test" ];
	    targets: {
	      events: {
	        plugin = "websocket";
	        fme = "$fme";
	        restart_command = [ "${restart:-$fme_ctl}", "restart" ];
	        verify: { deadline = ${deadline:-20}; };
	        $*
	      };
	    };
	  };
	};
	CONF
}

# tree_state: every file with its content, mode, owner and time, but for what the stand-ins write themselves.
tree_state()
{
	(cd "$fme" && find . \( -name log -o -name pid -o -name starts -o -name 'known-*' -o -name fail -o -name die -o -name deaf \
		-o -name both -o -name 'fail-*' \) -prune -o -type f -printf '%p %m %U:%G %T@ ' -exec sha256sum {} \; | sed 's/  .*//' | sort)
}

# tree_bytes: the same without times, for "byte-identical to before".
tree_bytes()
{
	tree_state | awk '{ print $1, $2, $3, $5 }'
}
