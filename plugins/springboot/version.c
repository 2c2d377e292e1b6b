/* Spring Boot's version, on which depends what its configuration can say. Its jar is too large to be looked into through the
 * engine, so an operator says which it is, where it matters. */
#include "springboot.h"

#include <string.h>

/* "3.4.0": the first two numbers. */
int
ce_springboot_version(struct springboot_work *work)
{
	const char *text = work->settings.version;
	if (!text)
		return CE_OK;
	size_t major = strcspn(text, "."), minor = text[major] == '.' ? strspn(text + major + 1, "0123456789") : 0;
	const char *first = work->services->format(work->call, "%.*s", (int)major, text);
	const char *second = work->services->format(work->call, "%.*s", (int)minor, minor > 0 ? text + major + 1 : "");
	if (minor > 0 && ce_plug_number(first, 99, &work->major) && ce_plug_number(second, 99, &work->minor))
		return CE_OK;
	return work->services->fail(work->call, CE_ERR_CONFIG, "option 'version': '%s' is no version such as 3.4.0", text);
}

int
ce_springboot_needs(struct springboot_work *work, long major, long minor, const char *what)
{
	const struct ce_services *services = work->services;
	if (work->major == 0)
		return services->fail(work->call, CE_ERR_CONFIG, "%s need Spring Boot %ld.%ld or later, and nothing says which version "
			"this is; set 'version'", what, major, minor);
	if (work->major > major || (work->major == major && work->minor >= minor))
		return CE_OK;
	return services->fail(work->call, CE_ERR_REFUSED, "%s need Spring Boot %ld.%ld or later, and this is %ld.%ld", what, major,
		minor, work->major, work->minor);
}
