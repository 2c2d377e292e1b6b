# Bad input gets a clear error, and nothing changes.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
sample_requires
sample_start
run 0 engine apply
sample_save

unchanged()
{
	equal "the product's files are as before" "$saved_state" "$(product_state)"
	equal "the same certificate is served" "$saved_served" "$(served)"
}
state=$(find "$tmp/root" -path '*/var/lib/certengine' -type d)
live=$state/certificates/shop/generations/1

# --- ten mistakes, ten lines, in one run
cp "$config" "$tmp/good.conf"
cat >"$config" <<-CONF
issuers: {
  house: { kind = "locl"; };
  home: { kind = "local"; days = 0; };
};
certificates: {
  shop: {
    isuer = "house";
    names = [ "shop..example.test" ];
    key = "rsa-1024";
    targets: {
      it: { plugin = "sample"; prot = 443; mode = 640; };
      at: { plugin = "sampel"; };
      on: { plugin = "sample"; fail_in = "nowhere"; file = "note"; };
    };
  };
};
CONF
run 2 engine apply
mistakes=$(grep -c "^[^ ]*certengine.conf:[0-9]*:" <<<"$err")
[ "$mistakes" -ge 10 ] || fail "$mistakes of at least ten mistakes are named with file and line: $err"
ok "$mistakes mistakes are named in one run"
unchanged
cp "$tmp/good.conf" "$config"

# --- the plugin is missing
sed -i 's,"sample",ghost,; s,plugin = ghost,plugin = "ghost",' "$config"
run 2 engine apply
contains "the plugin is named" ghost "$out$err"
unchanged
cp "$tmp/good.conf" "$config"

# --- the private key cannot be read
cp -a "$live/key.pem" "$tmp/key.pem"
echo garbage >"$live/key.pem"
rm "$product/key.pem"
saved_state=$(product_state)
run 1 engine apply
unchanged
cp -a "$tmp/key.pem" "$live/key.pem"
sample_restore
saved_state=$(product_state)

# --- key and certificate do not belong together
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$live/key.pem" 2>/dev/null
rm "$product/key.pem"
saved_state=$(product_state)
run 1 engine apply
contains "the message says what is wrong" key "$out$err"
unchanged
sample_restore
saved_state=$(product_state)

# --- the CA's own certificate is gone, its key is not: no new CA is made behind the operator's back
mv "$state/issuers/house/ca.key" "$tmp/ca.key"
run 3 engine apply --force-renew
contains "the message says what to do" "backup" "$out$err"
unchanged
mv "$tmp/ca.key" "$state/issuers/house/ca.key"

# --- long after it expired: that is said, the expired one is not installed anew, and apply gets a new one
rm "$product/chain.pem"
saved_state=$(product_state)
with_fault "now:20000000" verify
[ "$status" != 0 ] || fail "verify is content with an expired certificate"
contains "the message says it" expired "$(cat "$tmp/.said")"
unchanged
with_fault "now:20000000" apply
[ "$status" = 0 ] || fail "apply ended with $status: $(cat "$tmp/.said")"
sample_judge "a new certificate after the old one expired"
finish
