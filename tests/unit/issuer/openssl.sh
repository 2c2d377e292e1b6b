#!/bin/bash
# What the built-in issuers sign, as others see it: OpenSSL and GnuTLS' certtool verify it.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl certtool

for kind in local selfsigned; do
	mkdir "$tmp/$kind"
	cd "$tmp/$kind" || exit 99
	run 0 "$TOP_BUILDDIR/tests/unit/issuer-issue" "$kind"
done

cd "$tmp/local" || exit 99
house=store-1/issuers/house
run 0 openssl verify -x509_strict -purpose sslserver -CAfile $house/ca.pem -verify_hostname shop.example.com leaf.pem
run 0 openssl verify -x509_strict -CAfile $house/ca.pem -verify_ip 192.0.2.7 leaf.pem
run 0 openssl verify -x509_strict -CAfile $house/ca.pem -verify_ip 2001:db8::7 leaf.pem
run 2 openssl verify -CAfile $house/ca.pem -verify_hostname blog.example.com leaf.pem
run 0 certtool --verify --load-ca-certificate $house/ca.pem --verify-hostname shop.example.com --infile leaf.pem
cat $house/ca.pem $house/ca.crl >with-crl.pem
run 0 openssl verify -crl_check -CAfile with-crl.pem leaf.pem
run 0 openssl crl -in $house/ca.crl -CAfile $house/ca.pem -noout
run 0 openssl pkey -in $house/ca.key -noout
text=$(openssl x509 -in $house/ca.pem -noout -text)
contains "the root is a CA" "CA:TRUE" "$text"
contains "the root signs certificates and CRLs" "Certificate Sign, CRL Sign" "$text"
text=$(openssl x509 -in leaf.pem -noout -text)
contains "the leaf is no CA" "CA:FALSE" "$text"
contains "the leaf is for servers" "TLS Web Server Authentication" "$text"
equal "the serial has up to 160 bits" 1 "$(openssl x509 -in leaf.pem -noout -serial | grep -cE '^serial=[0-9A-F]{32,40}$')"

cd "$tmp/selfsigned" || exit 99
run 0 openssl verify -CAfile leaf.pem -verify_hostname shop.example.com leaf.pem
finish
