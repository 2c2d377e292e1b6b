#include "crypto/ari.h"

#include "crypto/digest.h"
#include "crypto/gnutls_own.h"

#define KEY_ID_MAX 255
#define SERIAL_MAX 64

int
ce_ari_cert_id(struct ce_bytes leaf, char **ret_text, struct ce_error *err)
{
	unsigned char key_id[KEY_ID_MAX], serial[SERIAL_MAX];
	size_t key_id_size = sizeof(key_id), serial_size = sizeof(serial);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = ce_crt_read(leaf, &crt, err);
	if (rc)
		return rc;
	int status = gnutls_x509_crt_get_authority_key_id(crt, key_id, &key_id_size, NULL);
	if (status < 0 || key_id_size == 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the certificate names no key of its authority");
	status = gnutls_x509_crt_get_serial(crt, serial, &serial_size); /* with its leading zero, as it is wanted here */
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate's serial number");
	rc = ce_base64url_add(&text, (struct ce_bytes){ key_id, key_id_size }, err);
	if (!rc)
		rc = ce_buf_adds(&text, ".", err);
	if (!rc)
		rc = ce_base64url_add(&text, (struct ce_bytes){ serial, serial_size }, err);
	if (rc)
		return rc;
	char *fresh = ce_buf_steal_text(&text);
	if (!fresh)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a certificate's name at its CA");

	*ret_text = fresh;
	return CE_OK;
}
