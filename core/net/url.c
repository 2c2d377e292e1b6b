#include "net/url.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char *
after_scheme(const char *url, bool https_only)
{
	static const char https[] = "https://", http[] = "http://";
	if (!strncasecmp(url, https, sizeof(https) - 1))
		return url + sizeof(https) - 1;
	if (!https_only && !strncasecmp(url, http, sizeof(http) - 1))
		return url + sizeof(http) - 1;
	return NULL;
}

/* NULL when the URL is acceptable, else what is wrong with it. */
static const char *
problem_of(const char *url, bool https_only)
{
	if (strlen(url) > CE_URL_MAX)
		return "it is longer than 2048 bytes";
	for (const char *c = url; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}", *c))
			return "it holds characters that no URL has";
	const char *host = after_scheme(url, https_only);
	if (!host)
		return https_only ? "only https is used" : "only http and https are used";
	size_t size = strcspn(host, "/?#");
	if (size == 0 || *host == ':')
		return "it names no host";
	if (memchr(host, '@', size))
		return "it holds user information";
	if (strchr(host, '#'))
		return "it holds a fragment";
	return NULL;
}

int
ce_url_check(const char *url, bool https_only, struct ce_error *err)
{
	if (!url)
		return ce_fail(err, CE_ERR_REFUSED, "a URL is missing");
	const char *problem = problem_of(url, https_only);
	if (!problem)
		return CE_OK;
	/* What stands before an @ may be a password. */
	const char *end = strrchr(url, '@'), *begin = strstr(url, "://");
	if (!end || !begin || end < begin)
		return ce_fail(err, CE_ERR_REFUSED, "the URL '%.200s' is refused: %s", url, problem);
	return ce_fail(err, CE_ERR_REFUSED, "the URL '%.*s***%.200s' is refused: %s", (int)(begin + 3 - url > 20 ? 20 : begin + 3 - url), url,
		end, problem);
}
