#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/sanitized.h"
#include "base/sys.h"

static const struct passwd *
find_account(void)
{
	const struct passwd *account = getpwnam("certengine");
	return account ? account : getpwnam("nobody");
}

/* A capability outside the bounding set cannot come back by executing something. The kernel knows
 * fewer than 64 and says EINVAL behind its last; without CAP_SETPCAP the set stays, and
 * no_new_privs does its work. */
static void
empty_bounding_set(void)
{
	for (unsigned long capability = 0; capability < 64; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
			return;
}

static int
leave_root(struct ce_error *err)
{
	const struct passwd *account = find_account();
	if (!account || account->pw_uid == 0)
		return ce_fail(err, CE_ERR_SYSTEM, "neither the account 'certengine' nor 'nobody' exists to run helpers as");

	uid_t uid = account->pw_uid;
	gid_t gid = account->pw_gid;
	empty_bounding_set();
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return ce_fail_errno(err, errno, "become user %lu", (unsigned long)uid);
	if (setresuid(0, 0, 0) == 0)
		return ce_fail(err, CE_ERR_SYSTEM, "root could not be given up");
	return CE_OK;
}

static int
drop_capabilities(struct ce_error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
	memset(none, 0, sizeof(none));
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* follows from the next call anyway */
	if (syscall(SYS_capset, &header, none) != 0)
		return ce_fail_errno(err, errno, "give up all capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ce_fail_errno(err, errno, "forgo new privileges");
	return CE_OK;
}

/* Changing the user takes back the signal at our starter's death, so it is asked for again. A
 * starter that has died in between is noticed at the end of the socket. */
static int
leave_root_still_tied(struct ce_error *err)
{
	int number = 0;
	if (prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0) != 0)
		return ce_fail_errno(err, errno, "ask for the parent death signal");
	int code = leave_root(err);
	if (code != CE_OK)
		return code;
	if (prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0)
		return ce_fail_errno(err, errno, "set the parent death signal");
	return CE_OK;
}

/* Changing the user sets the dumpable flag by the system's rule, so it is said anew. */
static int
forbid_dumps(struct ce_error *err)
{
	struct rlimit no_core = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &no_core) != 0)
		return ce_fail_errno(err, errno, "forbid core dumps");
	if (prctl(PR_SET_DUMPABLE, CE_SANITIZED, 0, 0, 0) != 0)
		return ce_fail_errno(err, errno, "forbid tracing");
	return CE_OK;
}

/* Rights by Landlock ABI: 13 in the first, then REFER, TRUNCATE, and with ABI 5 IOCTL_DEV. Bits
 * that the running kernel does not know make the call fail, so they are counted, not listed. */
static uint64_t
known_rights(long abi)
{
	static const unsigned counts[] = { 0, 13, 14, 15, 15, 16 };
	size_t index = abi < (long)CE_COUNT(counts) ? (size_t)abi : CE_COUNT(counts) - 1;
	return (UINT64_C(1) << counts[index]) - 1;
}

static int
keep_readable(int rules, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return CE_OK;
	struct stat st;
	if (fd < 0 || ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "open '%s'", path);

	struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = fd };
	if (S_ISDIR(st.st_mode))
		rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return ce_fail_errno(err, errno, "keep '%s' readable", path);
	return CE_OK;
}

static int
leave_file_system(const char *const *readable, struct ce_error *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		ce_log(CE_LOG_DEBUG, "this kernel has no Landlock; the unprivileged account alone keeps helpers from files");
		return CE_OK;
	}

	uint64_t handled = known_rights(abi);
	CE_CLEANUP(ce_closep) int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (rules < 0)
		return ce_fail_errno(err, errno, "create a Landlock rule set");
	int code = CE_SANITIZED ? keep_readable(rules, "/proc", err) : CE_OK; /* for the leak check */
	for (; readable && *readable && code == CE_OK; readable++)
		code = keep_readable(rules, *readable, err);
	if (code != CE_OK)
		return code;
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		return ce_fail_errno(err, errno, "restrict file access by Landlock");
	return CE_OK;
}

int
ce_process_confine(const char *const *readable, struct ce_error *err)
{
	int code = geteuid() == 0 ? leave_root_still_tied(err) : CE_OK;
	if (code == CE_OK)
		code = drop_capabilities(err);
	if (code == CE_OK)
		code = forbid_dumps(err);
	if (code == CE_OK)
		code = leave_file_system(readable, err);
	return code;
}
