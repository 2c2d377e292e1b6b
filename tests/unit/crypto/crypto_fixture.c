#include "crypto_fixture.h"

#include <stdio.h>

static void
must(int status, const char *what)
{
	if (status >= 0)
		return;
	fprintf(stderr, "fixture: %s: %d\n", what, status);
	abort();
}

struct ce_key *
fixture_key(const char *kind)
{
	struct ce_key *key = NULL;
	must(ce_key_generate(kind, &key, NULL), kind);
	return key;
}

struct ce_strlist
fixture_names(const char *names)
{
	struct ce_strlist list = CE_STRLIST_INIT;
	CE_CLEANUP(ce_freep) char *copy = strdup(names);
	char *rest = copy;
	for (char *name; (name = strsep(&rest, " "));)
		if (*name)
			must(ce_strlist_add(&list, name, NULL), name);
	return list;
}

static void
fill(gnutls_x509_crt_t crt, const struct fixture_certificate *wanted)
{
	static unsigned char serial = 1;
	unsigned char id[32];
	size_t size = sizeof(id);
	must(gnutls_x509_crt_set_version(crt, 3), "version");
	must(gnutls_x509_crt_set_serial(crt, &serial, 1), "serial");
	serial = serial % 127 + 1;
	must(gnutls_x509_crt_set_activation_time(crt, wanted->from ? wanted->from : NOW - DAY), "from");
	must(gnutls_x509_crt_set_expiration_time(crt, wanted->until ? wanted->until : NOW + 365 * DAY), "until");
	must(gnutls_x509_crt_set_pubkey(crt, wanted->key->open), "key");
	must(gnutls_x509_crt_set_basic_constraints(crt, wanted->ca, -1), "constraints");
	must(gnutls_pubkey_get_key_id(wanted->key->open, GNUTLS_KEYID_USE_SHA256, id, &size), "key id");
	must(gnutls_x509_crt_set_subject_key_id(crt, id, 20), "key id");
	if (wanted->common_name)
		must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, wanted->common_name,
			     (unsigned)strlen(wanted->common_name)), "subject");
	if (wanted->names) {
		CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names(wanted->names);
		CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
		must(ce_san_write(&names, &san, NULL), "names");
		must(gnutls_x509_crt_set_extension_by_oid(crt, CE_OID_SAN, san.data, san.size, 0), "names");
	}
}

struct ce_buf
fixture_sign(const struct fixture_certificate *wanted)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t issuer = NULL;
	const struct ce_key *signer = wanted->issuer_key ? wanted->issuer_key : wanted->key;
	struct ce_buf pem = CE_BUF_INIT;
	must(gnutls_x509_crt_init(&crt), "certificate");
	fill(crt, wanted);
	if (wanted->issuer) {
		unsigned char id[32];
		size_t size = sizeof(id);
		must(ce_crt_read(ce_buf_bytes(wanted->issuer), &issuer, NULL), "issuer");
		must(gnutls_x509_crt_get_subject_key_id(issuer, id, &size, NULL), "issuer's key id");
		must(gnutls_x509_crt_set_authority_key_id(crt, id, size), "authority key id");
	}
	must(gnutls_x509_crt_privkey_sign(crt, issuer ? issuer : crt, signer->secret, signer->kind->digest, 0), "sign");
	must(ce_crt_add_pem(&pem, crt, NULL), "PEM");
	return pem;
}

void
fixture_chain_make(struct fixture_chain *chain)
{
	chain->root_key = fixture_key("ec-p256");
	chain->middle_key = fixture_key("ec-p256");
	chain->key = fixture_key("ec-p256");
	chain->root = fixture_sign(&(struct fixture_certificate){
		.key = chain->root_key, .common_name = "Root", .ca = true });
	chain->middle = fixture_sign(&(struct fixture_certificate){ .key = chain->middle_key,
		.issuer_key = chain->root_key, .issuer = &chain->root, .common_name = "Middle", .ca = true });
	chain->leaf = fixture_sign(&(struct fixture_certificate){ .key = chain->key, .issuer_key = chain->middle_key,
		.issuer = &chain->middle, .common_name = "shop.example", .names = "shop.example www.shop.example" });
}

void
fixture_chain_release(struct fixture_chain *chain)
{
	ce_key_free(chain->root_key);
	ce_key_free(chain->middle_key);
	ce_key_free(chain->key);
	ce_buf_release(&chain->root);
	ce_buf_release(&chain->middle);
	ce_buf_release(&chain->leaf);
}

void
fixture_join(struct ce_buf *out, const struct ce_buf *more)
{
	must(ce_buf_add(out, more->data, more->size, NULL), "join");
}

struct ce_buf
fixture_der(const struct ce_buf *pem)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	struct ce_buf out = CE_BUF_INIT;
	must(ce_crt_read(ce_buf_bytes(pem), &crt, NULL), "certificate");
	must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), "DER");
	must(ce_buf_add(&out, der.data, der.size, NULL), "DER");
	return out;
}

bool
fixture_said(const struct ce_error *err, int code, const char *part)
{
	if (err->code == code && strstr(err->text, part))
		return true;
	printf("\n    got %d '%s', wanted %d '...%s...'", err->code, err->text, code, part);
	return false;
}
