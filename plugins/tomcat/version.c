/* Which Tomcat it is: given, or read from its own jar. Only asked when a connector is added or rewritten, so that
 * a run with nothing to do opens no archive. */
#include "tomcat.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER "org/apache/catalina/util/ServerInfo.properties"
#define KEY "server.number="

/* "10.1.60", "10.1", "9": what is not said is 0. */
static bool
parse(const char *text, struct tomcat_version *ret_version)
{
	long numbers[3] = { 0, 0, 0 };
	char *end = NULL;
	for (size_t i = 0; i < CE_PLUG_COUNT(numbers); i++) {
		if (text[0] < '0' || text[0] > '9')
			return false;
		numbers[i] = strtol(text, &end, 10);
		if (*end != '.')
			break;
		text = end + 1;
	}
	if (!strchr(".-", *end) || numbers[0] > 999)
		return false;

	*ret_version = (struct tomcat_version){ numbers[0], numbers[1], numbers[2] };
	return true;
}

/* The value of server.number; the file is written by Tomcat's own build, so its form is known. */
static bool
parse_properties(struct ce_bytes bytes, struct tomcat_version *ret_version)
{
	char number[32];
	size_t at = 0;
	while (at < bytes.size) {
		const char *line = (const char *)bytes.data + at;
		const char *end = memchr(line, '\n', bytes.size - at);
		size_t size = end ? (size_t)(end - line) : bytes.size - at;
		at += size + 1;
		if (size <= strlen(KEY) || memcmp(line, KEY, strlen(KEY)) != 0)
			continue;
		size -= strlen(KEY);
		while (size > 0 && strchr(" \t\r", line[strlen(KEY) + size - 1]))
			size--;
		if (size == 0 || size >= sizeof(number))
			return false;
		memcpy(number, line + strlen(KEY), size);
		number[size] = '\0';
		return parse(number, ret_version);
	}
	return false;
}

/* CATALINA_HOME if it is given; else CATALINA_BASE itself, else the place where Debian and Red Hat keep the home of
 * a base in /var/lib. */
static int
find_jar(struct tomcat_work *work, const char **ret_path)
{
	const struct ce_services *services = work->services;
	const char *base = work->settings.base;
	const char *last = strrchr(base, '/');
	const char *homes[2] = { work->settings.home ? work->settings.home : base,
		work->settings.home ? NULL : services->format(work->call, "/usr/share%s", last ? last : "/") };
	for (size_t i = 0; i < CE_PLUG_COUNT(homes) && homes[i]; i++) {
		const char *path = services->format(work->call, "%s/lib/catalina.jar", homes[i]);
		struct ce_stat stat = { .size = sizeof(stat) };
		if (!path)
			return ce_plug_no_memory(services, work->call);
		int rc = services->stat(work->call, path, &stat);
		if (rc < 0)
			return rc;
		if (stat.exists) {
			*ret_path = path;
			return CE_OK;
		}
	}
	return services->fail(work->call, CE_ERR_PRODUCT,
		"the version of Tomcat at %s cannot be read: there is no lib/catalina.jar in %s%s%s; set 'home' (CATALINA_HOME) or "
		"'version'", base, homes[0], homes[1] ? " or " : "", homes[1] ? homes[1] : "");
}

static int
read_version(struct tomcat_work *work)
{
	const struct ce_services *services = work->services;
	if (work->settings.version) {
		if (parse(work->settings.version, &work->version))
			return CE_OK;
		return services->fail(work->call, CE_ERR_CONFIG, "version '%s' is no Tomcat version such as 10.1.16",
			work->settings.version);
	}

	const char *jar = NULL;
	int rc = find_jar(work, &jar);
	if (rc < 0)
		return rc;

	struct ce_bytes bytes = { NULL, 0 };
	rc = services->archive_member(work->call, jar, MEMBER, &bytes);
	if (rc < 0)
		return rc;
	if (!parse_properties(bytes, &work->version))
		return services->fail(work->call, CE_ERR_PRODUCT, "%s does not say which Tomcat it is; set 'version'", jar);
	return CE_OK;
}

int
ce_tomcat_version(struct tomcat_work *work)
{
	if (work->version_known)
		return CE_OK;

	int rc = read_version(work);
	if (rc < 0)
		return rc;
	if (work->version.major < 8 || (work->version.major == 8 && work->version.minor < 5))
		return work->services->fail(work->call, CE_ERR_PRODUCT,
			"Tomcat %ld.%ld at %s is older than 8.5, the oldest this plugin knows", work->version.major,
			work->version.minor, work->settings.base);

	work->version_known = true;
	return CE_OK;
}

/* Removed in 10.0: there a connector with them does not start, and Tomcat logs the password. */
bool
ce_tomcat_has_legacy(const struct tomcat_work *work)
{
	return work->version.major < 10;
}

/* New in 8.5.96, 9.0.83 and 10.1.16; every 11. */
bool
ce_tomcat_has_password_files(const struct tomcat_work *work)
{
	static const struct tomcat_version first[] = { { 8, 5, 96 }, { 9, 0, 83 }, { 10, 1, 16 } };
	for (size_t i = 0; i < CE_PLUG_COUNT(first); i++)
		if (work->version.major == first[i].major)
			return work->version.minor > first[i].minor
				|| (work->version.minor == first[i].minor && work->version.patch >= first[i].patch);
	return work->version.major > 10;
}
