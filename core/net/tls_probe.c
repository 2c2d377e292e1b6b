#include "net/tls_probe.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "net/probe_wire.h"
#include "net/tls_probe_own.h"

/* How long a name that is being resolved is left alone before it is looked at again. */
#define LOOKUP_PAUSE_MS 5

int
ce_probe_fail(struct ce_probe *probe, int code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	(void)vsnprintf(probe->problem, sizeof(probe->problem), format, list); /* cut to fit */
	va_end(list);
	probe->code = code;
	return code;
}

enum attempt_state { ATTEMPT_FREE, ATTEMPT_LOOKUP, ATTEMPT_CONNECT, ATTEMPT_HANDSHAKE };

/* A probe under way. */
struct attempt {
	enum attempt_state state;
	struct ce_probe *probe;
	struct ce_lookup *lookup;
	const struct addrinfo *address; /* the one that is tried */
	struct ce_tls_session *session;
	int fd;
	short events;
	long long deadline;             /* of the probe */
	long long until;                /* of this state: an address that is silent leaves time for the next */
};

static void
end_attempt(struct attempt *attempt)
{
	ce_tls_session_free(attempt->session);
	ce_lookup_free(attempt->lookup);
	ce_closep(&attempt->fd);
	*attempt = (struct attempt){ .state = ATTEMPT_FREE, .fd = -1 };
}

static void
fail_attempt(struct attempt *attempt, int code, const char *what, const char *why)
{
	ce_probe_fail(attempt->probe, code, "%s%s%s", what, why ? ": " : "", why ? why : "");
	end_attempt(attempt);
}

/* Starts to connect; false with errno when this address can be given up at once. */
static bool
begin_connect(struct attempt *attempt)
{
	const struct addrinfo *address = attempt->address;
	attempt->fd = ce_sys->socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (attempt->fd < 0)
		return false;
	if (ce_sys->connect(attempt->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS)
		return false;

	int left = 0;
	for (const struct addrinfo *at = address; at; at = at->ai_next)
		left++;
	long long now = ce_monotonic_ms();
	attempt->until = now + (attempt->deadline - now) / left;
	attempt->state = ATTEMPT_CONNECT;
	attempt->events = POLLOUT;
	return true;
}

/* reason: of the address before, reported when there is no further one. */
static void
connect_next(struct attempt *attempt, const struct addrinfo *address, int reason)
{
	for (attempt->address = address; attempt->address; attempt->address = attempt->address->ai_next) {
		ce_closep(&attempt->fd);
		if (begin_connect(attempt))
			return;
		reason = errno;
	}
	if (reason == ETIMEDOUT) {
		char problem[64];
		snprintf(problem, sizeof(problem), "connecting timed out after %g s", attempt->probe->timeout_ms / 1000.0);
		fail_attempt(attempt, CE_ERR_TIMEOUT, problem, NULL);
	} else if (reason == ECONNREFUSED) {
		fail_attempt(attempt, CE_ERR_NETWORK, "connection refused", NULL);
	} else {
		fail_attempt(attempt, CE_ERR_NETWORK, "connecting failed", strerror(reason));
	}
}

static void
step_lookup(struct attempt *attempt)
{
	const struct addrinfo *addresses = NULL;
	const char *problem = NULL;
	if (!ce_lookup_finished(attempt->lookup, &addresses, &problem))
		return;
	if (addresses)
		connect_next(attempt, addresses, 0);
	else
		fail_attempt(attempt, CE_ERR_NETWORK, "looking up the name failed", problem);
}

static void
step_handshake(struct attempt *attempt)
{
	attempt->events = ce_tls_session_step(attempt->session);
	if (attempt->events == 0)
		end_attempt(attempt);
}

/* A second connect tells what became of the first. */
static void
step_connect(struct attempt *attempt, struct ce_tls_client *client)
{
	const struct addrinfo *address = attempt->address;
	if (ce_sys->connect(attempt->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EISCONN) {
		if (errno != EALREADY && errno != EINPROGRESS)
			connect_next(attempt, address->ai_next, errno);
		return;
	}
	struct ce_error err = { 0 };
	if (ce_tls_session_open(client, attempt->fd, attempt->probe, &attempt->session, &err) < 0) {
		fail_attempt(attempt, err.code, err.text, NULL);
		return;
	}
	attempt->state = ATTEMPT_HANDSHAKE;
	attempt->until = attempt->deadline;
	step_handshake(attempt);
}

static void
step(struct attempt *attempt, struct ce_tls_client *client)
{
	if (attempt->state == ATTEMPT_LOOKUP)
		step_lookup(attempt);
	else if (attempt->state == ATTEMPT_CONNECT)
		step_connect(attempt, client);
	else
		step_handshake(attempt);
}

static void
run_out(struct attempt *attempt)
{
	if (attempt->state == ATTEMPT_CONNECT) {
		connect_next(attempt, attempt->address->ai_next, ETIMEDOUT);
		return;
	}
	char problem[64];
	snprintf(problem, sizeof(problem), "%s timed out after %g s",
		attempt->state == ATTEMPT_LOOKUP ? "looking up the name" : "the handshake", attempt->probe->timeout_ms / 1000.0);
	fail_attempt(attempt, CE_ERR_TIMEOUT, problem, NULL);
}

static void
begin(struct attempt *attempt, struct ce_probe *probe)
{
	attempt->probe = probe;
	attempt->deadline = attempt->until = ce_monotonic_ms() + probe->timeout_ms;
	attempt->state = ATTEMPT_LOOKUP;
	struct ce_error err = { 0 };
	if (ce_lookup_start(probe->host, probe->port, &attempt->lookup, &err) < 0)
		fail_attempt(attempt, err.code, err.text, NULL);
	else
		step_lookup(attempt);
}

/* Waits until one of the attempts can go on or its time is over. ready[i]: it can go on. */
static int
wait_for_any(const struct attempt *attempts, bool *ready, struct ce_error *err)
{
	struct pollfd fds[CE_PROBE_AT_ONCE];
	long long now = ce_monotonic_ms(), pause = 60000;
	for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++) {
		const struct attempt *attempt = &attempts[i];
		bool waits = attempt->state == ATTEMPT_CONNECT || attempt->state == ATTEMPT_HANDSHAKE;
		fds[i] = (struct pollfd){ .fd = waits ? attempt->fd : -1, .events = attempt->events };
		if (attempt->state == ATTEMPT_LOOKUP && pause > LOOKUP_PAUSE_MS)
			pause = LOOKUP_PAUSE_MS;
		if (attempt->state != ATTEMPT_FREE && attempt->until - now < pause)
			pause = attempt->until > now ? attempt->until - now : 0;
	}
	if (ce_sys->poll(fds, CE_PROBE_AT_ONCE, (int)pause) < 0 && errno != EINTR)
		return ce_fail_errno(err, errno, "wait for handshakes");
	for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++)
		ready[i] = attempts[i].state == ATTEMPT_LOOKUP || (fds[i].fd >= 0 && fds[i].revents != 0);
	return CE_OK;
}

/* Puts waiting probes where nothing is under way; how many are under way then. */
static size_t
fill(struct attempt *attempts, struct ce_probe *probes, size_t count, size_t *next)
{
	size_t active = 0;
	for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++) {
		while (attempts[i].state == ATTEMPT_FREE && *next < count)
			begin(&attempts[i], &probes[(*next)++]);
		if (attempts[i].state != ATTEMPT_FREE)
			active++;
	}
	return active;
}

static int
run_all(struct attempt *attempts, struct ce_tls_client *client, struct ce_probe *probes, size_t count,
	struct ce_error *err)
{
	size_t next = 0;
	while (fill(attempts, probes, count, &next) > 0) {
		bool ready[CE_PROBE_AT_ONCE];
		int code = wait_for_any(attempts, ready, err);
		if (code < 0)
			return code;
		long long now = ce_monotonic_ms();
		for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++) {
			if (ready[i])
				step(&attempts[i], client);
			if (attempts[i].state != ATTEMPT_FREE && attempts[i].until <= now)
				run_out(&attempts[i]);
		}
	}
	return CE_OK;
}

int
ce_tls_probe_run(struct ce_probe *probes, size_t count, struct ce_error *err)
{
	CE_CLEANUP(ce_tls_clientp) struct ce_tls_client *client = NULL;
	int code = ce_tls_client_open(&client, err);
	if (code < 0)
		return code;
	struct attempt attempts[CE_PROBE_AT_ONCE];
	for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++)
		attempts[i] = (struct attempt){ .state = ATTEMPT_FREE, .fd = -1 };
	code = run_all(attempts, client, probes, count, err);
	for (size_t i = 0; i < CE_PROBE_AT_ONCE; i++)
		end_attempt(&attempts[i]);
	return code;
}
