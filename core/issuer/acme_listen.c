/* Sockets for the built-in responder: bound here, where the right for port 80 is, served in the
 * network process. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/sys.h"
#include "issuer/acme_own.h"

#define BACKLOG 64

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int
fail_bind(int port, const char *kind, int errno_value, struct ce_error *err)
{
	bool http = !strcmp(kind, "http-01");
	if (errno_value == EADDRINUSE)
		return ce_fail(err, CE_ERR_REFUSED, "port %d is taken by another program, and %s cannot be answered there%s", port, kind,
			http ? ": name that web server's directory in challenge.webroot" : ": stop it, or use another kind of challenge");
	if (errno_value == EACCES)
		return ce_fail(err, CE_ERR_REFUSED, "only root may listen on port %d", port);
	return ce_fail_errno(err, errno_value, "listen on port %d", port);
}

static int
listen_on(int family, const union address *address, socklen_t size, int port, const char *kind, int *ret_fd, struct ce_error *err)
{
	static const int on = 1;
	CE_CLEANUP(ce_closep) int fd = ce_sys->socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno == EAFNOSUPPORT ? CE_UNCHANGED : ce_fail_errno(err, errno, "create a socket for port %d", port);
	if (ce_sys->setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))
	    || (family == AF_INET6 && ce_sys->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))))
		return ce_fail_errno(err, errno, "prepare a socket for port %d", port);
	if (ce_sys->bind(fd, &address->any, size))
		return errno == EADDRNOTAVAIL ? CE_UNCHANGED : fail_bind(port, kind, errno, err);
	if (ce_sys->listen(fd, BACKLOG))
		return fail_bind(port, kind, errno, err);
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}

static int
add(struct ce_acme_listeners *listeners, int family, int port, const char *kind, struct ce_error *err)
{
	union address address;
	memset(&address, 0, sizeof(address));
	socklen_t size = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
	address.any.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		address.v4.sin_port = htons((uint16_t)port); /* 0.0.0.0 */
	else
		address.v6.sin6_port = htons((uint16_t)port); /* :: */
	if (listeners->count == CE_COUNT(listeners->fds))
		return ce_fail(err, CE_ERR_LIMIT, "more than %zu challenge ports", CE_COUNT(listeners->fds) / 2);
	int rc = listen_on(family, &address, size, port, kind, &listeners->fds[listeners->count], err);
	if (rc == CE_OK)
		listeners->ports[listeners->count++] = port;
	return rc;
}

int
ce_acme_listen(struct ce_acme_listeners *listeners, int port, const char *kind, struct ce_error *err)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->ports[i] == port)
			return CE_OK;
	int v4 = add(listeners, AF_INET, port, kind, err);
	if (v4 < 0)
		return v4;
	int v6 = add(listeners, AF_INET6, port, kind, err);
	if (v6 < 0)
		return v6;
	if (v4 == CE_UNCHANGED && v6 == CE_UNCHANGED)
		return ce_fail(err, CE_ERR_SYSTEM, "listen on port %d: this host has neither IPv4 nor IPv6", port);
	return CE_OK;
}

void
ce_acme_listeners_close(struct ce_acme_listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		ce_closep(&listeners->fds[i]);
	listeners->count = 0;
}
