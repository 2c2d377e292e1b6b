#include "acme/responder_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sys.h"
#include "crypto/digest.h"
#include "crypto/names.h"

#define LISTENERS_MAX 16
#define CONNECTIONS_MAX (CE_TLS_RESPONDER_FDS_MAX - LISTENERS_MAX)
#define CONNECTION_MS 10000
#define SNI_MAX 256
#define PROTOCOL "acme-tls/1"
#define ACME_IDENTIFIER_OID "1.3.6.1.5.5.7.1.31"
#define VALID_S (7 * 86400)
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct entry {
	struct entry *next;
	char *identifier, *token, *sni;
	gnutls_certificate_credentials_t credentials;
};

struct connection {
	int fd;                      /* -1: free */
	gnutls_session_t tls;
	const struct entry *entry;   /* whose certificate it was shown */
	long long deadline;
};

struct ce_tls_responder {
	int listeners[LISTENERS_MAX];
	size_t count;
	gnutls_x509_privkey_t key;
	gnutls_priority_t priority;
	struct entry *entries;
	struct connection connections[CONNECTIONS_MAX];
};

/* --- the certificates --- */

static int
fail_tls(int rc, struct ce_error *err)
{
	return ce_fail(err, rc == GNUTLS_E_MEMORY_ERROR ? CE_ERR_MEMORY : CE_ERR_CRYPTO,
		"the certificate for the tls-alpn-01 challenge cannot be made: %s", gnutls_strerror(rc));
}

int
ce_tls_responder_sni(const char *identifier, struct ce_buf *ret_sni, struct ce_error *err)
{
	unsigned char address[16];
	if (inet_pton(AF_INET, identifier, address) == 1)
		return ce_buf_addf(ret_sni, err, "%d.%d.%d.%d.in-addr.arpa", address[3], address[2], address[1], address[0]);
	if (inet_pton(AF_INET6, identifier, address) != 1)
		return ce_buf_adds(ret_sni, identifier, err);
	int rc = CE_OK;
	for (size_t i = sizeof(address); i-- > 0 && !rc;)
		rc = ce_buf_addf(ret_sni, err, "%x.%x.", address[i] & 0xf, address[i] >> 4);
	return rc ? rc : ce_buf_adds(ret_sni, "ip6.arpa", err);
}

static int
set_identifier(gnutls_x509_crt_t certificate, const char *identifier)
{
	unsigned char address[16];
	if (inet_pton(AF_INET, identifier, address) == 1)
		return gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address, 4, GNUTLS_FSAN_SET);
	if (inet_pton(AF_INET6, identifier, address) == 1)
		return gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address, 16, GNUTLS_FSAN_SET);
	return gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, identifier, (unsigned)strlen(identifier),
		GNUTLS_FSAN_SET);
}

/* Section 3: one name, and the digest in a critical extension. */
static int
fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, const char *identifier,
	const unsigned char digest[CE_SHA256_SIZE])
{
	unsigned char octets[2 + CE_SHA256_SIZE] = { 0x04, CE_SHA256_SIZE };
	unsigned char serial[16];
	long long now = ce_now();
	memcpy(octets + 2, digest, CE_SHA256_SIZE);
	memcpy(serial, digest, sizeof(serial));
	serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of full length */
	int rc = gnutls_x509_crt_set_version(certificate, 3);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_activation_time(certificate, (time_t)(now - 3600));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_expiration_time(certificate, (time_t)(now + VALID_S));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_dn(certificate, "CN=ACME challenge", NULL);
	if (rc >= 0)
		rc = set_identifier(certificate, identifier);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_extension_by_oid(certificate, ACME_IDENTIFIER_OID, octets, sizeof(octets), 1);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_key(certificate, key);
	return rc >= 0 ? gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0) : rc;
}

static int
make_credentials(gnutls_x509_privkey_t key, const char *identifier, const unsigned char digest[CE_SHA256_SIZE],
	gnutls_certificate_credentials_t *ret_credentials, struct ce_error *err)
{
	gnutls_x509_crt_t certificate = NULL;
	gnutls_certificate_credentials_t credentials = NULL;
	int rc = gnutls_x509_crt_init(&certificate);
	if (rc < 0)
		return fail_tls(rc, err);
	rc = fill(certificate, key, identifier, digest);
	if (rc >= 0)
		rc = gnutls_certificate_allocate_credentials(&credentials);
	if (rc >= 0)
		rc = gnutls_certificate_set_x509_key(credentials, &certificate, 1, key);
	gnutls_x509_crt_deinit(certificate);
	if (rc < 0) {
		if (credentials)
			gnutls_certificate_free_credentials(credentials);
		return fail_tls(rc, err);
	}
	*ret_credentials = credentials;
	return CE_OK;
}

/* --- entries --- */

static void
entry_free(struct entry *entry)
{
	if (entry->credentials)
		gnutls_certificate_free_credentials(entry->credentials);
	free(entry->identifier);
	free(entry->token);
	free(entry->sni);
	free(entry);
}

static int
entry_fill(struct ce_tls_responder *responder, struct entry *entry, const char *identifier, const char *token,
	const char *key_authorization, struct ce_error *err)
{
	unsigned char digest[CE_SHA256_SIZE];
	CE_CLEANUP(ce_buf_release) struct ce_buf sni = CE_BUF_INIT;
	const struct ce_bytes bytes = { (const unsigned char *)key_authorization, strlen(key_authorization) };
	int rc = ce_tls_responder_sni(identifier, &sni, err);
	if (!rc)
		rc = ce_sha256(bytes, digest, err);
	if (!rc)
		rc = make_credentials(responder->key, identifier, digest, &entry->credentials, err);
	if (rc)
		return rc;
	entry->identifier = strdup(identifier);
	entry->token = strdup(token);
	entry->sni = ce_buf_steal_text(&sni);
	return entry->identifier && entry->token && entry->sni ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_tls_responder_add(struct ce_tls_responder *responder, const char *identifier, const char *token,
	const char *key_authorization, struct ce_error *err)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	if (!entry)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int rc = entry_fill(responder, entry, identifier, token, key_authorization, err);
	if (rc) {
		entry_free(entry);
		return rc;
	}
	entry->next = responder->entries;
	responder->entries = entry;
	return CE_OK;
}

static void
hang_up(struct connection *connection)
{
	gnutls_deinit(connection->tls);
	ce_closep(&connection->fd);
	*connection = (struct connection){ .fd = -1 };
}

void
ce_tls_responder_remove(struct ce_tls_responder *responder, const char *identifier, const char *token)
{
	for (struct entry **link = &responder->entries; *link; link = &(*link)->next) {
		struct entry *entry = *link;
		if (strcmp(entry->identifier, identifier) || strcmp(entry->token, token))
			continue;
		for (size_t i = 0; i < CONNECTIONS_MAX; i++)
			if (responder->connections[i].entry == entry)
				hang_up(&responder->connections[i]);
		*link = entry->next;
		entry_free(entry);
		return;
	}
}

/* --- connections --- */

/* Shows the certificate of the name that is asked for; whoever names none, or another, is turned away. */
static int
choose_certificate(gnutls_session_t tls)
{
	struct connection *connection = gnutls_session_get_ptr(tls);
	const struct ce_tls_responder *responder = gnutls_db_get_ptr(tls);
	char name[SNI_MAX];
	size_t size = sizeof(name);
	unsigned type = 0;
	if (gnutls_server_name_get(tls, name, &size, &type, 0) < 0 || type != GNUTLS_NAME_DNS)
		return GNUTLS_E_UNRECOGNIZED_NAME;
	for (const struct entry *entry = responder->entries; entry; entry = entry->next) {
		if (strcasecmp(entry->sni, name))
			continue;
		connection->entry = entry;
		return gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, entry->credentials);
	}
	return GNUTLS_E_UNRECOGNIZED_NAME;
}

static int
begin(struct ce_tls_responder *responder, struct connection *connection)
{
	static const gnutls_datum_t protocol = { (unsigned char *)PROTOCOL, sizeof(PROTOCOL) - 1 };
	int rc = gnutls_init(&connection->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
	if (rc < 0)
		return rc;
	gnutls_session_set_ptr(connection->tls, connection);
	gnutls_db_set_ptr(connection->tls, responder);
	gnutls_handshake_set_post_client_hello_function(connection->tls, choose_certificate);
	gnutls_transport_set_int(connection->tls, connection->fd);
	rc = gnutls_priority_set(connection->tls, responder->priority);
	return rc < 0 ? rc : gnutls_alpn_set_protocols(connection->tls, &protocol, 1, GNUTLS_ALPN_MANDATORY);
}

static struct connection *
free_connection(struct ce_tls_responder *responder)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (responder->connections[i].fd < 0)
			return &responder->connections[i];
	return NULL;
}

static void
take_connections(struct ce_tls_responder *responder, int listener)
{
	struct connection *connection;
	while ((connection = free_connection(responder)) != NULL) {
		int fd = ce_sys->accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		*connection = (struct connection){ .fd = fd, .deadline = ce_monotonic_ms() + CONNECTION_MS };
		if (begin(responder, connection) < 0)
			hang_up(connection);
	}
}

/* The handshake is all that there is to say. */
static void
go_on(struct connection *connection)
{
	int rc;
	do
		rc = gnutls_handshake(connection->tls);
	while (rc == GNUTLS_E_INTERRUPTED);
	if (rc == GNUTLS_E_AGAIN && ce_monotonic_ms() < connection->deadline)
		return;
	if (rc >= 0)
		(void)gnutls_bye(connection->tls, GNUTLS_SHUT_WR);
	else if (rc != GNUTLS_E_AGAIN)
		(void)gnutls_alert_send_appropriate(connection->tls, rc);
	hang_up(connection);
}

void
ce_tls_responder_step(struct ce_tls_responder *responder)
{
	for (size_t i = 0; i < responder->count; i++)
		take_connections(responder, responder->listeners[i]);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (responder->connections[i].fd >= 0)
			go_on(&responder->connections[i]);
}

size_t
ce_tls_responder_fds(const struct ce_tls_responder *responder, int *fds, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < responder->count && count < room; i++)
		fds[count++] = responder->listeners[i];
	for (size_t i = 0; i < CONNECTIONS_MAX && count < room; i++)
		if (responder->connections[i].fd >= 0)
			fds[count++] = responder->connections[i].fd;
	return count;
}

/* --- the whole --- */

int
ce_tls_responder_open(const int *listeners, size_t count, struct ce_tls_responder **ret_responder, struct ce_error *err)
{
	if (count > LISTENERS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "more than %d listening sockets", LISTENERS_MAX);
	struct ce_tls_responder *responder = calloc(1, sizeof(*responder));
	if (!responder)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		responder->connections[i].fd = -1;
	int rc = gnutls_priority_init(&responder->priority, PRIORITY, NULL);
	if (rc >= 0)
		rc = gnutls_x509_privkey_init(&responder->key);
	if (rc >= 0)
		rc = gnutls_x509_privkey_generate(responder->key, GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (rc < 0) {
		ce_tls_responder_close(responder);
		return fail_tls(rc, err);
	}
	for (; responder->count < count; responder->count++)
		responder->listeners[responder->count] = listeners[responder->count];
	*ret_responder = responder;
	return CE_OK;
}

void
ce_tls_responder_close(struct ce_tls_responder *responder)
{
	if (!responder)
		return;
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (responder->connections[i].fd >= 0)
			hang_up(&responder->connections[i]);
	while (responder->entries) {
		struct entry *entry = responder->entries;
		responder->entries = entry->next;
		entry_free(entry);
	}
	for (size_t i = 0; i < responder->count; i++)
		ce_closep(&responder->listeners[i]);
	if (responder->key)
		gnutls_x509_privkey_deinit(responder->key);
	if (responder->priority)
		gnutls_priority_deinit(responder->priority);
	free(responder);
}
