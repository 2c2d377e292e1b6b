# Sourced by the tests that kill and starve the engine, after tests/lib/testlib.sh: a small TLS server as the product, the
# sample plugin, and what must hold after every accident.
#
#	sample_requires
#	sample_start       the server, without a certificate; $product is its folder, $config the configuration
#	sample_save        the state and the product's files as they are now; sample_restore puts them back
#	sample_judge       entirely old or entirely new, and served

sample_requires()
{
	requires python3 openssl "$certengine"
	[ -e "$TOP_BUILDDIR/tests/lib/plugins/sample.so" ] || fail "the sample plugin was not built"
}

sample_start()
{
	product=$tmp/product
	mkdir -m 755 "$product"
	python3 "$TOP_SRCDIR/tests/faults/tls_server.py" "$product" >"$tmp/server.log" 2>&1 &
	cleanup_fn kill $!
	wait_for 20 test -s "$product/port"
	touch "$product/reloads"
	cat >"$tmp/reload" <<-RELOAD
	#!/bin/sh
	# Answers when the server has read its files again.
	before=\$(wc -l <$product/reloads)
	kill -HUP $(cat "$product/pid") || exit 1
	while [ "\$(wc -l <$product/reloads)" = "\$before" ]; do sleep 0.01; done
	RELOAD
	chmod 755 "$tmp/reload"
	sample_configure
}

# sample_configure [SETTING...]: further settings of the target.
sample_configure()
{
	config=$tmp/certengine.conf
	cat >"$config" <<-CONF
	issuers: { house: { kind = "local"; }; };
	certificates: {
	  shop: {
	    issuer = "house";
	    names = [ "shop.example.test" ];
	    targets: {
	      it: {
	        plugin = "sample";
	        file = "$product/note";
	        key_file = "$product/key.pem";
	        cert_file = "$product/chain.pem";
	        reload = [ "$tmp/reload" ];
	        port = $(cat "$product/port");
	        verify: { deadline = ${deadline:-5}; };
	        $*
	      };
	    };
	  };
	};
	CONF
}

engine()
{
	"$certengine" -c "$config" --root "$tmp/root" "$@"
}

# with_fault RULES COMMAND...: the exit status is left in $status, what was said in $tmp/.said.
with_fault()
{
	local rules=$1
	shift
	{
		CE_FAULT=$rules "$certengine" -c "$config" --root "$tmp/root" "$@" >"$tmp/.said" 2>&1 </dev/null
		status=$?
	} 2>/dev/null # the shell's own word on a child that was killed
}

# count_calls CALLS COMMAND...: how many of these calls the command makes; it must succeed.
count_calls()
{
	local calls=$1
	shift
	rm -f "$tmp/count"
	with_fault "only:$calls,count:$tmp/count" "$@"
	[ "$status" = 0 ] || fail "'$*' ended with $status: $(cat "$tmp/.said")"
	cat "$tmp/count"
}

served()
{
	openssl s_client -connect "127.0.0.1:$(cat "$product/port")" -servername shop.example.test </dev/null 2>/dev/null |
		openssl x509 -noout -fingerprint -sha256 2>/dev/null
}

# The product's own files, without the server's.
product_state()
{
	(cd "$product" && find . -type f ! -name pid ! -name port ! -name reloads -printf '%p %m %U:%G ' \
		-exec sha256sum {} \; | sed 's/  .*//' | sort)
}

sample_save()
{
	rm -rf "$tmp/saved"
	mkdir "$tmp/saved"
	[ ! -e "$tmp/root" ] || cp -a "$tmp/root" "$tmp/saved/root"
	cp -a "$product" "$tmp/saved/product"
	saved_state=$(product_state)
	saved_served=$(served)
}

sample_restore()
{
	rm -rf "$tmp/root"
	[ ! -e "$tmp/saved/root" ] || cp -a "$tmp/saved/root" "$tmp/root"
	find "$product" -type f ! -name pid ! -name port ! -name reloads -delete
	find "$tmp/saved/product" -type f ! -name pid ! -name port ! -name reloads -exec cp -a {} "$product" \;
	"$tmp/reload"
}

# sample_judge WHEN: a run that ended well has left the product whole: key and certificate belong together, that certificate
# is served, it is the store's live one, and nothing else lies about.
sample_judge()
{
	local installed state generation
	state=$(state_directory)
	generation=$state/certificates/shop/generations/$(cat "$state/certificates/shop/live")
	cmp -s "$product/key.pem" "$generation/key.pem" || fail "$1: the key is not that of the live generation"
	cat "$generation/leaf.pem" "$generation/chain.pem" | cmp -s - "$product/chain.pem" ||
		fail "$1: the certificate is not that of the live generation"
	installed=$(openssl x509 -in "$product/chain.pem" -noout -fingerprint -sha256 2>&1)
	equal_quietly "$1: what is served" "$installed" "$(served)"
	equal_quietly "$1: public key" "$(openssl x509 -in "$product/chain.pem" -noout -pubkey)" \
		"$(openssl pkey -in "$product/key.pem" -pubout)"
	equal_quietly "$1: files in the product's folder" "chain.pem key.pem note pid port reloads" \
		"$(cd "$product" && echo *)"
	equal_quietly "$1: hidden files in the product's folder" "" "$(cd "$product" && ls -A | grep '^\.')"
	equal_quietly "$1: unfinished transactions" "" "$(ls -A "$state/journal" 2>/dev/null)"
}

state_directory()
{
	echo "$tmp/root$TOP_BUILDDIR/tests/root/var/lib/certengine"
}

equal_quietly()
{
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
}

# What changes files or processes; opening for reading only is left out where it has a call of its own.
changing_calls=openat+write+fsync+fchmod+fchown+ftruncate+mkdirat+unlinkat+renameat2+fork+kill

# kill_everywhere WHAT COMMAND...: from the saved state, before each of these calls; then the next run must make all whole.
kill_everywhere()
{
	local what=$1 total n
	shift
	sample_restore
	total=$(count_calls "$changing_calls" "$@")
	for ((n = 1; n <= total; n++)); do
		sample_restore
		with_fault "only:$changing_calls,kill:$n" "$@"
		equal_quietly "$what, call $n: killed" 137 "$status"
		with_fault "" apply
		[ "$status" = 0 ] || fail "$what, call $n: the next run ended with $status: $(cat "$tmp/.said")"
		sample_judge "$what, call $n"
	done
	ok "$what: killed at each of $total calls, whole after the next run"
}
