#include <stdlib.h>

#include "crypto/ari.h"
#include "crypto_fixture.h"

/* RFC 9773 appendix A */
static const char appendix[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt\n"
	"cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS\n"
	"BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu\n"
	"7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf\n"
	"qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B\n"
	"yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb\n"
	"+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK\n"
	"-----END CERTIFICATE-----\n";

static void
the_certificate_of_the_rfc_has_the_rfc_s_name(void)
{
	char *text = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_ari_cert_id((struct ce_bytes){ (const unsigned char *)appendix, sizeof(appendix) - 1 }, &text,
		NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(text, "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"); /* (I1): the serial keeps its leading zero */
	free(text);
}

static void
what_is_no_certificate_has_no_name(void)
{
	char *text = NULL;
	struct fixture_chain chain;
	struct ce_error err = { 0 };
	fixture_chain_make(&chain);
	CU_ASSERT_EQUAL(ce_ari_cert_id(ce_buf_bytes(&chain.leaf), &text, NULL), CE_OK);
	free(text);
	CU_ASSERT_EQUAL(ce_ari_cert_id((struct ce_bytes){ (const unsigned char *)"no", 2 }, &text, &err), CE_ERR_INVALID);
	fixture_chain_release(&chain);
}

const struct ce_test ce_ari_tests[] = {
	{ "the certificate of the RFC has the RFC's name (I1)", the_certificate_of_the_rfc_has_the_rfc_s_name },
	{ "what is no certificate has no name", what_is_no_certificate_has_no_name },
	{ NULL, NULL }
};
