/* The three directives, in the server's file and in those of its publisher and its subscriber. The vendor's text has lost
 * the names of the latter, so they are found by what they hold: a line, commented out or not, for WEBSOCKET_ENABLE_SSL. */
#include "websocket.h"

#include <string.h>

#define MARK "WEBSOCKET_ENABLE_SSL"
#define FILE_MAX (1u << 20)
#define DEPTH_MAX 3

struct directive {
	const char *key, *value;
};

struct found {
	const char *path, *another; /* the first, and one more */
};

static bool
holds_mark(struct ce_bytes bytes)
{
	const char *at = bytes.size > 0 ? (const char *)bytes.data : "", *end = at + bytes.size;
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		const char *next = line_end ? line_end + 1 : end;
		while (at < next && strchr("# \t", *at) && *at != '\0')
			at++;
		size_t left = (size_t)(next - at), size = strlen(MARK);
		if (left > size && memcmp(at, MARK, size) == 0) {
			for (at += size; at < next && (*at == ' ' || *at == '\t');)
				at++;
			if (at < next && *at == '=')
				return true;
		}
		at = next;
	}
	return false;
}

static int look_into(struct websocket_work *work, const char *directory, int depth, struct found *found);

/* Files that begin with a dot belong to programs in the middle of something. */
static int
look_at(struct websocket_work *work, const char *directory, const char *name, int depth, struct found *found)
{
	const struct ce_services *services = work->services;
	const char *path = services->format(work->call, "%s/%s", directory, name);
	struct ce_stat stat = { .size = sizeof(stat) };
	struct ce_bytes bytes = { NULL, 0 };
	if (!path)
		return ce_plug_no_memory(services, work->call);
	int rc = name[0] == '.' ? CE_OK : services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists || (!stat.is_directory && stat.bytes > FILE_MAX))
		return rc;
	if (stat.is_directory)
		return depth < DEPTH_MAX ? look_into(work, path, depth + 1, found) : CE_OK;
	rc = services->read(work->call, path, FILE_MAX, &bytes);
	if (rc < 0 || !holds_mark(bytes))
		return rc;
	*(found->path ? &found->another : &found->path) = path;
	return CE_OK;
}

static int
look_into(struct websocket_work *work, const char *directory, int depth, struct found *found)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *const *names = NULL;
	int rc = work->services->stat(work->call, directory, &stat);
	if (rc < 0 || !stat.exists || !stat.is_directory)
		return rc;
	rc = work->services->list(work->call, directory, &names);
	for (; rc >= 0 && *names && !found->another; names++)
		rc = look_at(work, directory, *names, depth, found);
	return rc;
}

static int
find_file(struct websocket_work *work, const char *folder, const char *option, const char *configured, const char **ret_path)
{
	const struct ce_services *services = work->services;
	struct found found = { configured, NULL };
	const char *directory = services->format(work->call, "%s/Server/config/%s", work->settings.fme, folder);
	if (!directory)
		return ce_plug_no_memory(services, work->call);
	int rc = configured ? CE_OK : look_into(work, directory, 0, &found);
	if (rc < 0)
		return rc;
	if (!found.path)
		return services->fail(work->call, CE_ERR_NOT_FOUND, "no file below '%s' has a line for " MARK "; name it in '%s'",
			directory, option);
	if (found.another)
		return services->fail(work->call, CE_ERR_REFUSED, "'%s' and '%s' both have a line for " MARK "; name the one that counts "
			"in '%s'", found.path, found.another, option);
	*ret_path = found.path;
	return CE_OK;
}

static int
open_file(struct websocket_work *work, enum websocket_file file, const char *path)
{
	work->paths[file] = path;
	return path ? work->services->text->open(work->call, path, CE_TEXT_DIRECTIVES, &work->texts[file])
	            : ce_plug_no_memory(work->services, work->call);
}

int
ce_websocket_open_server(const struct ce_services *services, ce_call *call, struct websocket_work *ret_work)
{
	*ret_work = (struct websocket_work){ .services = services, .call = call };
	int rc = ce_websocket_settings(services, call, &ret_work->settings);
	if (rc < 0)
		return rc;
	return open_file(ret_work, WEBSOCKET_SERVER,
		services->format(call, "%s/Server/fmeWebSocketConfig.txt", ret_work->settings.fme));
}

int
ce_websocket_open(const struct ce_services *services, ce_call *call, struct websocket_work *ret_work)
{
	const char *publisher = NULL, *subscriber = NULL;
	int rc = ce_websocket_open_server(services, call, ret_work);
	const struct websocket_settings *settings = &ret_work->settings;
	if (rc >= 0)
		rc = find_file(ret_work, "publishers", "publisher_file", settings->publisher_file, &publisher);
	if (rc >= 0)
		rc = find_file(ret_work, "subscribers", "subscriber_file", settings->subscriber_file, &subscriber);
	if (rc >= 0)
		rc = open_file(ret_work, WEBSOCKET_PUBLISHER, publisher);
	return rc < 0 ? rc : open_file(ret_work, WEBSOCKET_SUBSCRIBER, subscriber);
}

const char *
ce_websocket_get(const struct websocket_work *work, const char *key)
{
	ce_text_entry *entry = work->services->text->find(work->texts[WEBSOCKET_SERVER], NULL, key);
	return entry ? work->services->text->value(entry, 0) : NULL;
}

/* The password stands in each of these files in clear. */
static void
warn_of_readers(struct websocket_work *work, const char *path)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	if (work->services->stat(work->call, path, &stat) >= 0 && stat.exists && (stat.mode & 04))
		work->services->log(work->call, CE_LEVEL_WARNING,
			"'%s' holds the keystore's password and every account can read it; close it to others", path);
}

/* It is not known whether FME Flow reads these files as lines or as Java's properties, where a back slash at the end of the
 * line before would swallow a directive. So they must say the same either way; what is no properties file at all is lines. */
static int
check_either_way(struct websocket_work *work, const char *path, const struct directive *directives)
{
	const struct ce_services *services = work->services;
	ce_text *text = NULL;
	if (services->text->open(work->call, path, CE_TEXT_PROPERTIES, &text) < 0)
		return CE_OK;
	for (; directives->key; directives++) {
		ce_text_entry *entry = services->text->find(text, NULL, directives->key);
		if (!entry || !ce_plug_equal(services->text->value(entry, 0), directives->value))
			return services->fail(work->call, CE_ERR_REFUSED, "'%s' would mean another thing as lines than as properties of Java, "
				"because of what stands before or around %s; a back slash at the end of a line is to be removed", path, directives->key);
	}
	return CE_OK;
}

static int
set_in_file(struct websocket_work *work, enum websocket_file file, const struct directive *directives)
{
	const struct ce_text_services *text = work->services->text;
	int rc = CE_OK;
	for (const struct directive *one = directives; one->key && rc >= 0; one++)
		rc = text->set(work->call, work->texts[file], NULL, one->key, one->value);
	if (rc >= 0)
		rc = text->stage(work->call, work->texts[file]);
	if (rc >= 0)
		rc = check_either_way(work, work->paths[file], directives);
	if (rc >= 0)
		warn_of_readers(work, work->paths[file]);
	return rc;
}

int
ce_websocket_set(struct websocket_work *work, const char *keystore, const char *password)
{
	const struct directive directives[] = {
		{ MARK, "true" },
		{ "WEBSOCKET_KEYSTORE_FILE_PATH", keystore },
		{ "WEBSOCKET_KEYSTORE_FILE_PASSWORD", password },
		{ NULL, NULL },
	};
	int rc = CE_OK;
	for (int file = 0; file < WEBSOCKET_FILES && rc >= 0; file++)
		rc = set_in_file(work, (enum websocket_file)file, directives);
	return rc;
}
