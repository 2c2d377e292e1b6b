#include <string.h>

#include "net/url.h"
#include "suites.h"

static int
check(const char *url, bool https_only)
{
	struct ce_error err = { 0 };
	int rc = ce_url_check(url, https_only, &err);
	if (rc)
		CU_ASSERT(err.text[0] != '\0');
	return rc;
}

/* H3, SEC-04 */
static void
only_https_where_asked(void)
{
	static const char *const refused[] = {
		"http://ca.example/dir", "file:///etc/passwd", "ldap://ca.example/", "gopher://ca.example/", "//ca.example/",
		"/dir", "", "https:/ca.example/", "httpsx://ca.example/", "HTTP://ca.example/", "javascript:alert(1)",
	};
	for (size_t i = 0; i < CE_COUNT(refused); i++)
		CU_ASSERT_EQUAL(check(refused[i], true), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(check("https://ca.example/dir", true), CE_OK);
	CU_ASSERT_EQUAL(check("HTTPS://[::1]:14000/dir?x=y&z=%20", true), CE_OK);
	CU_ASSERT_EQUAL(check("http://ca.example/dir", false), CE_OK);
	CU_ASSERT_EQUAL(check("ftp://ca.example/dir", false), CE_ERR_REFUSED);
}

static void
odd_urls_are_refused(void)
{
	static const char *const refused[] = {
		"https://", "https:///path", "https://:443/", "https://user@ca.example/", "https://user:word@ca.example/",
		"https://ca.example/a b", "https://ca.example/a\nb", "https://ca.example/\x7f", "https://ca.example/\xc3\xa9",
		"https://ca.example#frag", "https://ca.example/\\..", "https://ca.example/\"", "https://ca.example/<x>",
	};
	for (size_t i = 0; i < CE_COUNT(refused); i++)
		CU_ASSERT_EQUAL(check(refused[i], true), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(check(NULL, true), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(check("https://ca.example/with@sign", true), CE_OK);
}

static void
long_urls_are_refused(void)
{
	char url[CE_URL_MAX + 2] = "https://ca.example/";
	memset(url + 19, 'a', sizeof(url) - 20);
	url[CE_URL_MAX + 1] = '\0';
	CU_ASSERT_EQUAL(check(url, true), CE_ERR_REFUSED);
	url[CE_URL_MAX] = '\0';
	CU_ASSERT_EQUAL(check(url, true), CE_OK);
}

const struct ce_test suite_url[] = {
	{ "only https where asked", only_https_where_asked },
	{ "odd URLs are refused", odd_urls_are_refused },
	{ "long URLs are refused", long_urls_are_refused },
	{ NULL, NULL },
};
