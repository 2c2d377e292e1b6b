/* One client handshake by GnuTLS, and what became of it. */
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/certificate.h"
#include "net/tls_probe_own.h"

struct ce_tls_client {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
};

struct ce_tls_session {
	gnutls_session_t tls;
	struct ce_probe *probe;
	bool keys_exchanged; /* the server's part of the key exchange was read and found good */
};

void
ce_tls_client_close(struct ce_tls_client *client)
{
	if (!client)
		return;
	if (client->priority)
		gnutls_priority_deinit(client->priority);
	if (client->credentials)
		gnutls_certificate_free_credentials(client->credentials);
	free(client);
}

void
ce_tls_clientp(struct ce_tls_client **client)
{
	ce_tls_client_close(*client);
	*client = NULL;
}

int
ce_tls_client_open(struct ce_tls_client **ret_client, struct ce_error *err)
{
	CE_CLEANUP(ce_tls_clientp) struct ce_tls_client *client = calloc(1, sizeof(*client));
	if (!client)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int status = gnutls_certificate_allocate_credentials(&client->credentials);
	if (status == 0)
		status = gnutls_priority_init(&client->priority, "NORMAL", NULL);
	if (status < 0)
		return ce_fail(err, CE_ERR_CRYPTO, "prepare TLS handshakes: %s", gnutls_strerror(status));

	*ret_client = CE_STEAL(client);
	return CE_OK;
}

/* In TLS 1.2 the server is done when its key exchange was taken in, signature and all. */
static int
on_server_done(gnutls_session_t tls, unsigned type, unsigned when, unsigned incoming, const gnutls_datum_t *message)
{
	(void)type;
	(void)when;
	(void)message;
	struct ce_tls_session *session = gnutls_session_get_ptr(tls);
	if (incoming)
		session->keys_exchanged = true;
	return 0;
}

static bool
is_address(const char *name)
{
	return strchr(name, ':') || strspn(name, "0123456789.") == strlen(name);
}

static int
set_up(struct ce_tls_session *session, struct ce_tls_client *client, int fd, const char *sni)
{
	gnutls_session_set_ptr(session->tls, session);
	gnutls_transport_set_int(session->tls, fd);
	gnutls_handshake_set_timeout(session->tls, GNUTLS_INDEFINITE_TIMEOUT); /* the loop has the clock */
	gnutls_handshake_set_max_packet_length(session->tls, CE_CHAIN_BYTES_MAX + 4096);
	gnutls_handshake_set_hook_function(session->tls, GNUTLS_HANDSHAKE_SERVER_HELLO_DONE, GNUTLS_HOOK_POST,
		on_server_done);
	int status = gnutls_priority_set(session->tls, client->priority);
	if (status == 0)
		status = gnutls_credentials_set(session->tls, GNUTLS_CRD_CERTIFICATE, client->credentials);
	/* RFC 6066 section 3: an address is never sent as a server name. */
	if (status == 0 && sni && !is_address(sni))
		status = gnutls_server_name_set(session->tls, GNUTLS_NAME_DNS, sni, strlen(sni));
	return status;
}

static void
sessionp(struct ce_tls_session **session)
{
	ce_tls_session_free(*session);
	*session = NULL;
}

int
ce_tls_session_open(struct ce_tls_client *client, int fd, struct ce_probe *probe, struct ce_tls_session **ret_session,
	struct ce_error *err)
{
	CE_CLEANUP(sessionp) struct ce_tls_session *session = calloc(1, sizeof(*session));
	if (!session)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	session->probe = probe;
	int status = gnutls_init(&session->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (status == 0)
		status = set_up(session, client, fd, probe->sni);
	if (status < 0)
		return ce_fail(err, CE_ERR_CRYPTO, "prepare a TLS handshake: %s", gnutls_strerror(status));

	*ret_session = CE_STEAL(session);
	return CE_OK;
}

void
ce_tls_session_free(struct ce_tls_session *session)
{
	if (!session)
		return;
	if (session->tls)
		gnutls_deinit(session->tls);
	free(session);
}

/* What the server sent as its chain, also when the handshake failed later. */
static int
take_chain(struct ce_tls_session *session)
{
	unsigned count = 0;
	const gnutls_datum_t *certificates = gnutls_certificate_get_peers(session->tls, &count);
	if (!certificates || count == 0)
		return CE_OK;
	if (count > CE_CHAIN_MAX)
		return ce_probe_fail(session->probe, CE_ERR_VERIFY, "the server sent %u certificates; %d are taken", count,
			CE_CHAIN_MAX);

	struct ce_buf *chain = &session->probe->chain;
	chain->limit = CE_CHAIN_BYTES_MAX;
	struct ce_error err = { 0 };
	for (unsigned i = 0; i < count; i++) {
		uint32_t size = certificates[i].size;
		int code = ce_buf_add(chain, &size, sizeof(size), &err);
		if (code >= 0)
			code = ce_buf_add(chain, certificates[i].data, size, &err);
		if (code < 0) {
			ce_buf_release(chain);
			return ce_probe_fail(session->probe, code == CE_ERR_LIMIT ? CE_ERR_VERIFY : code,
				"the server's chain: %s", err.text);
		}
	}
	return CE_OK;
}

/* Errors that deserve words of their own. */
static const struct {
	int status;
	int code;
	const char *problem;
} known[] = {
	{ GNUTLS_E_PK_SIG_VERIFY_FAILED, CE_ERR_VERIFY,
		"the server proved another key than its certificate's (bad signature)" },
	{ GNUTLS_E_UNEXPECTED_PACKET_LENGTH, CE_ERR_NETWORK, "handshake failed: what answers does not speak TLS" },
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, CE_ERR_NETWORK, "handshake failed: what answers does not speak TLS" },
	{ GNUTLS_E_UNEXPECTED_PACKET, CE_ERR_NETWORK, "handshake failed: what answers does not speak TLS" },
	{ GNUTLS_E_RECORD_OVERFLOW, CE_ERR_NETWORK, "handshake failed: what answers does not speak TLS" },
	{ GNUTLS_E_PREMATURE_TERMINATION, CE_ERR_NETWORK, "handshake failed: the server closed the connection" },
	{ GNUTLS_E_PULL_ERROR, CE_ERR_NETWORK, "handshake failed: the connection was reset" },
	{ GNUTLS_E_PUSH_ERROR, CE_ERR_NETWORK, "handshake failed: the connection was reset" },
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE, CE_ERR_VERIFY, "the server's chain is larger than 64 KiB" },
};

static int
explain(struct ce_tls_session *session, int status)
{
	for (size_t i = 0; i < CE_COUNT(known); i++)
		if (known[i].status == status)
			return ce_probe_fail(session->probe, known[i].code, "%s", known[i].problem);
	if (status == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		const char *alert = gnutls_alert_get_name(gnutls_alert_get(session->tls));
		return ce_probe_fail(session->probe, CE_ERR_NETWORK, "handshake failed: the server answered with the alert '%s'",
			alert ? alert : "unknown");
	}
	return ce_probe_fail(session->probe, CE_ERR_NETWORK, "handshake failed: %s", gnutls_strerror(status));
}

/* A server that insists on a client's certificate ends the handshake when it gets none; in TLS 1.2
 * with an ephemeral key exchange it has proved its own key by then. */
static bool
only_we_were_refused(struct ce_tls_session *session)
{
	gnutls_kx_algorithm_t kx = gnutls_kx_get(session->tls);
	return session->keys_exchanged && gnutls_certificate_client_get_request_status(session->tls)
	    && (kx == GNUTLS_KX_ECDHE_RSA || kx == GNUTLS_KX_ECDHE_ECDSA || kx == GNUTLS_KX_DHE_RSA);
}

short
ce_tls_session_step(struct ce_tls_session *session)
{
	int status = gnutls_handshake(session->tls);
	if (status < 0 && !gnutls_error_is_fatal(status))
		return gnutls_record_get_direction(session->tls) == 1 ? POLLOUT : POLLIN;

	session->probe->code = CE_OK;
	if (status == 0)
		(void)gnutls_bye(session->tls, GNUTLS_SHUT_WR); /* a courtesy, so that servers log no broken connection */
	if (status < 0 && !only_we_were_refused(session))
		(void)explain(session, status); /* kept in the probe */
	if (take_chain(session) == CE_OK && session->probe->code == CE_OK && session->probe->chain.size == 0)
		(void)ce_probe_fail(session->probe, CE_ERR_VERIFY, "the server sent no certificate");
	return 0;
}
