#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "store/tree.h"

static int
store_new(const char *directory, struct ce_store **ret_store, struct ce_error *err)
{
	CE_CLEANUP(ce_storep) struct ce_store *store = calloc(1, sizeof(*store));
	if (!store)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	store->fd = -1;

	store->directory = strdup(directory);
	if (!store->directory)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (asprintf(&store->journal, "%s/journal", directory) < 0) {
		store->journal = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}

	*ret_store = CE_STEAL(store);
	return CE_OK;
}

/* Keys lie below: nobody else may have a way in. */
static int
check_private(const struct ce_store *store, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(store->fd, &st) != 0)
		return ce_fail_errno(err, errno, "stat '%s'", store->directory);
	if (st.st_uid != geteuid())
		return ce_fail(err, CE_ERR_REFUSED, "state directory '%s' belongs to user %u, not to user %u who runs this",
			store->directory, (unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & 077)
		return ce_fail(err, CE_ERR_REFUSED, "state directory '%s' is open to others (mode %04o); set its mode to 0700",
			store->directory, (unsigned)(st.st_mode & 07777));
	return CE_OK;
}

int
ce_store_open(const char *directory, struct ce_store **ret_store, struct ce_error *err)
{
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	int code = store_new(directory, &store, err);
	if (code < 0)
		return code;
	code = ce_dir_create_private(store->directory, err);
	if (code < 0)
		return code;
	code = ce_dir_create_private(store->journal, err);
	if (code < 0)
		return code;
	code = ce_dir_open(store->directory, &store->fd, err);
	if (code < 0)
		return code;
	code = check_private(store, err);
	if (code < 0)
		return code;

	*ret_store = CE_STEAL(store);
	return CE_OK;
}

int
ce_store_open_readonly(const char *directory, struct ce_store **ret_store, struct ce_error *err)
{
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	int code = store_new(directory, &store, err);
	if (code < 0)
		return code;
	store->readonly = true;

	code = ce_dir_open(store->directory, &store->fd, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (code >= 0) {
		code = check_private(store, err);
		if (code < 0)
			return code;
	} else {
		ce_error_forget(err);
	}

	*ret_store = CE_STEAL(store);
	return CE_OK;
}

bool
ce_store_is_readonly(const struct ce_store *store)
{
	return store->readonly;
}

void
ce_store_close(struct ce_store *store)
{
	if (!store)
		return;
	ce_closep(&store->fd);
	free(store->directory);
	free(store->journal);
	free(store);
}

void
ce_storep(struct ce_store **store)
{
	ce_store_close(*store);
	*store = NULL;
}

const char *
ce_store_directory(const struct ce_store *store)
{
	return store->directory;
}

const char *
ce_store_journal_directory(const struct ce_store *store)
{
	return store->journal;
}
