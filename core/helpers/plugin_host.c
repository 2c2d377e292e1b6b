/* certengine-plugin-host NAME: loads one plugin and answers the engine's requests. Descriptor 3 is the socket to the
 * engine, descriptor 4 the plugin's file, checked and opened by the engine.
 *
 * A plugin's constructors run while it is loaded, before its process can be confined: the loader
 * must still open the plugin and the libraries it needs. Until then they are held off by what a process can
 * give up beforehand: it can gain no privileges, leave no core, and write no file that has a length. The file's trust check is what stands
 * behind that. Everything the engine asks of a plugin happens in the confined process. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/process.h"
#include "base/sanitized.h"
#include "base/sys.h"
#include "plugin/host_call.h"
#include "plugin/loader.h"

#define MEMORY_MAX (1024ul << 20)

CE_MUSTCHECK static int
limit(int resource, rlim_t value, struct ce_error *err)
{
	struct rlimit both = { value, value };
	if (setrlimit(resource, &both) != 0)
		return ce_fail(err, CE_ERR_SYSTEM, "a resource limit of the plugin process cannot be set");
	return CE_OK;
}

/* What a plugin prints must not reach the operator; a sanitizer's report must. */
CE_MUSTCHECK static int
silence(struct ce_error *err)
{
	if (CE_SANITIZED)
		return CE_OK;
	CE_CLEANUP(ce_closep) int nothing = ce_sys->openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	if (nothing < 0 || ce_sys->dup3(nothing, STDOUT_FILENO, 0) < 0 || ce_sys->dup3(nothing, STDERR_FILENO, 0) < 0)
		return ce_fail(err, CE_ERR_SYSTEM, "the output of the plugin process cannot be closed");
	return CE_OK;
}

CE_MUSTCHECK static int
restrict_early(struct ce_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ce_fail(err, CE_ERR_SYSTEM, "new privileges of the plugin process cannot be forgone");
	int code = limit(RLIMIT_FSIZE, 0, err);
	if (code == CE_OK && !CE_SANITIZED) /* a sanitizer reserves terabytes of addresses */
		code = limit(RLIMIT_AS, MEMORY_MAX, err);
	return code == CE_OK ? silence(err) : code;
}

CE_MUSTCHECK static int
load(const char *name, struct certengine_plugin *ret_plugin, struct ce_error *err)
{
	int code = restrict_early(err);
	if (code == CE_OK)
		code = ce_loader_load(CE_WIRE_PLUGIN, name, ret_plugin, err);
	(void)ce_sys->close(CE_WIRE_PLUGIN); /* loaded or not, it is of no more use */
	return code == CE_OK ? ce_process_confine(NULL, err) : code;
}

CE_MUSTCHECK static int
refuse(const struct ce_error *why)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(CE_WIRE_REFUSED);
	ce_message_put_int(&message, why->code);
	ce_message_put_str(&message, why->text);
	return ce_message_send(CE_WIRE_SOCKET, &message, NULL);
}

int
main(int argc, char **argv)
{
	ce_build_begin();
	ce_process_hygiene(CE_WIRE_PLUGIN + 1);
	if (argc != 2)
		return 2;

	struct ce_error err;
	ce_error_clear(&err);
	struct certengine_plugin plugin;
	if (load(argv[1], &plugin, &err) != CE_OK)
		return refuse(&err) == CE_OK ? 0 : 1;
	return ce_host_loop(CE_WIRE_SOCKET, &plugin, &err) == CE_OK ? 0 : 1;
}
