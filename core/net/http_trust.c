#include "net/http_own.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"

static int
write_all(int fd, struct ce_bytes bytes, struct ce_error *err)
{
	for (size_t at = 0; at < bytes.size;) {
		ssize_t n = ce_sys->write(fd, bytes.data + at, bytes.size - at);
		if (n < 0 && errno != EINTR)
			return ce_fail_errno(err, errno, "keep certificates in memory");
		if (n > 0)
			at += (size_t)n;
	}
	return CE_OK;
}

static int
add(struct ce_http_trusts *trusts, struct ce_bytes pem, struct ce_error *err)
{
	if (trusts->count == CE_HTTP_TRUST_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "more than %d different sets of certificates", CE_HTTP_TRUST_MAX);
	CE_CLEANUP(ce_buf_release) struct ce_buf copy = CE_BUF_SECRET; /* it may be a client's key */
	int rc = ce_buf_add(&copy, pem.data, pem.size, err);
	if (rc)
		return rc;
	CE_CLEANUP(ce_closep) int fd = ce_sys->memfd_create("certengine-trust", MFD_CLOEXEC);
	if (fd < 0)
		return ce_fail_errno(err, errno, "keep certificates in memory");
	rc = write_all(fd, pem, err);
	if (rc)
		return rc;
	snprintf(trusts->items[trusts->count].path, sizeof(trusts->items[0].path), "/proc/self/fd/%d", fd);
	trusts->items[trusts->count].pem = copy;
	trusts->items[trusts->count].fd = fd;
	trusts->count++;
	fd = -1;
	copy = (struct ce_buf)CE_BUF_INIT;
	return CE_OK;
}

int
ce_http_trusts_path(struct ce_http_trusts *trusts, struct ce_bytes pem, const char **ret_path, struct ce_error *err)
{
	for (size_t i = 0; i < trusts->count; i++) {
		const struct ce_buf *known = &trusts->items[i].pem;
		if (known->size == pem.size && !memcmp(known->data, pem.data, pem.size)) {
			*ret_path = trusts->items[i].path;
			return CE_OK;
		}
	}
	int rc = add(trusts, pem, err);
	if (rc)
		return rc;
	*ret_path = trusts->items[trusts->count - 1].path;
	return CE_OK;
}

void
ce_http_trusts_release(struct ce_http_trusts *trusts)
{
	for (size_t i = 0; i < trusts->count; i++) {
		ce_closep(&trusts->items[i].fd);
		ce_buf_release(&trusts->items[i].pem);
	}
	trusts->count = 0;
}
