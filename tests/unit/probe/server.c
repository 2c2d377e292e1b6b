#include "server.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "crypto/authority.h"
#include "crypto/digest.h"

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "server: %s\n", what);
	abort();
}

static int
listen_anywhere(int *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0, "bind");
	must(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

int
server_closed_port(void)
{
	int port = 0;
	close(listen_anywhere(&port));
	return port;
}

/* A self-signed certificate; the key that is written is another one where that is wanted. */
static void
make_identity(const struct server *server, struct ce_buf *key_pem, struct ce_buf *leaf_pem, struct ce_facts *facts)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_keyp) struct ce_key *other = NULL;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	must(ce_crypto_begin(&err) >= 0, err.text);
	must(ce_key_generate("ec-p256", &key, &err) >= 0, err.text);
	must(ce_key_generate("ec-p256", &other, &err) >= 0, err.text);
	must(ce_strlist_add(&names, "localhost", &err) >= 0, err.text);
	struct ce_certificate_template wanted = {
		.names = &names, .not_before = ce_now() - 3600, .not_after = ce_now() + 86400,
	};
	must(ce_authority_self_sign(key, &wanted, leaf_pem, &err) >= 0, err.text);
	must(ce_facts_read(ce_buf_bytes(leaf_pem), facts, &err) >= 0, err.text);
	must(ce_key_to_pem(server->wrong_key ? other : key, key_pem, &err) >= 0, err.text);
}

static gnutls_certificate_credentials_t
make_credentials(const struct server *server, const struct ce_buf *key_pem, const struct ce_buf *leaf_pem)
{
	gnutls_datum_t key = { key_pem->data, (unsigned)key_pem->size };
	gnutls_datum_t leaf = { leaf_pem->data, (unsigned)leaf_pem->size };
	gnutls_certificate_credentials_t credentials;
	must(gnutls_certificate_allocate_credentials(&credentials) == 0, "credentials");
	if (server->wrong_key)
		gnutls_certificate_set_flags(credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	must(gnutls_certificate_set_x509_key_mem(credentials, &leaf, &key, GNUTLS_X509_FMT_PEM) >= 0, "key");
	return credentials;
}

static void
serve_tls(const struct server *server, gnutls_certificate_credentials_t credentials, int fd)
{
	gnutls_session_t tls;
	must(gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL) == 0, "session");
	must(gnutls_priority_set_direct(tls, server->kind == SERVER_TLS_12 ? "NORMAL:-VERS-TLS1.3" : "NORMAL", NULL) == 0,
		"priority");
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
	if (server->wants_client)
		gnutls_certificate_server_set_request(tls, GNUTLS_CERT_REQUIRE);
	gnutls_transport_set_int(tls, fd);
	int status;
	do
		status = gnutls_handshake(tls);
	while (status < 0 && !gnutls_error_is_fatal(status));
	if (status < 0)
		gnutls_alert_send_appropriate(tls, status);
}

static void
serve(const struct server *server, gnutls_certificate_credentials_t credentials, int fd)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
	char bytes[4096];
	if (server->kind == SERVER_TLS || server->kind == SERVER_TLS_12)
		serve_tls(server, credentials, fd);
	else if (server->kind == SERVER_PLAIN)
		must(recv(fd, bytes, sizeof(bytes), 0) > 0 && write(fd, answer, sizeof(answer) - 1) > 0, "answer");
	if (server->kind == SERVER_CLOSING)
		return;
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		; /* until the client has had enough */
}

__attribute__((noreturn)) static void
serve_for_ever(const struct server *server, gnutls_certificate_credentials_t credentials, int listener)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(server, credentials, fd);
			_exit(0);
		}
		close(fd);
	}
}

void
server_start(struct server *server)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf key = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf leaf = CE_BUF_INIT;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	make_identity(server, &key, &leaf, &facts);
	memcpy(server->fingerprint, facts.fingerprint, sizeof(server->fingerprint));
	int listener = listen_anywhere(&server->port);
	must(listen(listener, 128) == 0, "listen");
	fflush(NULL);
	server->pid = fork();
	must(server->pid >= 0, "fork");
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_for_ever(server, make_credentials(server, &key, &leaf), listener);
	}
	close(listener);
}

void
server_stop(struct server *server)
{
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		waitpid(server->pid, NULL, 0);
	}
	server->pid = 0;
}
