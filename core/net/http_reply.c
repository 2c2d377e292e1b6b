/* Reading a reply: header fields, types, links and waiting times. */
#include "net/http.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "net/link.h"

#define RETRY_AFTER_MAX (10LL * 365 * 86400)

const char *
ce_http_header(const struct ce_http_answer *reply, const char *name, size_t index)
{
	for (size_t i = 0; i < reply->names.count; i++)
		if (!strcasecmp(reply->names.items[i], name) && index-- == 0)
			return reply->values.items[i];
	return NULL;
}

bool
ce_http_is(const struct ce_http_answer *reply, const char *type)
{
	const char *value = ce_http_header(reply, "Content-Type", 0);
	if (!value)
		return false;
	size_t size = strcspn(value, "; \t");
	return size == strlen(type) && !strncasecmp(value, type, size);
}

char *
ce_http_link(const struct ce_http_answer *reply, const char *rel, size_t index)
{
	const char *value;
	for (size_t i = 0; (value = ce_http_header(reply, "Link", i)) != NULL; i++) {
		char *target;
		for (size_t k = 0; (target = ce_link_find(value, rel, k)) != NULL; k++) {
			if (index-- == 0)
				return target;
			free(target);
		}
	}
	return NULL;
}

long long
ce_http_retry_after(const struct ce_http_answer *reply, long long now)
{
	const char *value = ce_http_header(reply, "Retry-After", 0);
	if (!value)
		return -1;
	size_t digits = strspn(value, "0123456789");
	if (digits > 0 && value[digits] == '\0')
		return digits > 9 ? RETRY_AFTER_MAX : strtoll(value, NULL, 10);
	/* A number of another kind ("-1", "1.5") would be taken for a date by curl. */
	if (!strchr(value, ':'))
		return -1;
	time_t moment = curl_getdate(value, NULL);
	if (moment == -1)
		return -1;
	long long wait = (long long)moment - now;
	return wait < 0 ? 0 : wait > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : wait;
}

void
ce_http_answer_release(struct ce_http_answer *reply)
{
	ce_buf_release(&reply->body);
	ce_strlist_release(&reply->names);
	ce_strlist_release(&reply->values);
}
