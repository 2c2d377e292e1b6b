#include "lib/sys_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "lib/sys_fault_calls.h"

#define RULES_MAX 16

enum action { ACTION_KILL, ACTION_FAIL, ACTION_FAIL_ALL, ACTION_SHORT };

static struct {
	pid_t pid;
	struct {
		enum action action;
		unsigned long number;
		int errno_value;
	} rules[RULES_MAX];
	size_t rule_count;
	bool selected;                       /* there was an only: */
	bool counted[CE_FAULT_CALL_COUNT];
	char *count_file, *trace_file;
	atomic_ulong number;
} fault;

long long ce_fault_clock_offset;
long long ce_fault_hurry = 1;

static const char *const call_names[CE_FAULT_CALL_COUNT] = {
#define NAME(call) [CE_FAULT_##call] = #call,
	CE_FAULT_CALLS(NAME)
#undef NAME
};

/* How often these come depends on scheduling, so they would make numbers wander. */
static const enum ce_fault_call unsteady[] = {
	CE_FAULT_clock_gettime, CE_FAULT_nanosleep, CE_FAULT_poll, CE_FAULT_waitpid, CE_FAULT_sendmsg, CE_FAULT_recvmsg,
};

__attribute__((noreturn)) static void
give_up(const char *rule)
{
	fprintf(stderr, "CE_FAULT: rule '%s' is not understood\n", rule);
	_exit(125);
}

/* The file is opened for each line: the program closes descriptors it does not know. */
static void
append(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line)) {
		fprintf(stderr, "CE_FAULT: cannot write '%s': %s\n", path, strerror(errno));
		_exit(125);
	}
	close(fd);
}

unsigned long
ce_fault_count(void)
{
	return atomic_load(&fault.number);
}

static void
write_count(void)
{
	if (!fault.count_file || getpid() != fault.pid)
		return;
	char line[32];
	snprintf(line, sizeof(line), "%lu\n", ce_fault_count());
	append(fault.count_file, line);
}

static bool
is_counted(enum ce_fault_call call, int fd)
{
	if (getpid() != fault.pid || !fault.counted[call])
		return false;
	if (fault.selected || (call != CE_FAULT_read && call != CE_FAULT_write))
		return true;
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static void
trace(unsigned long number, enum ce_fault_call call, const char *path, int fd)
{
	char line[4200];
	if (path)
		snprintf(line, sizeof(line), "%lu %s %s\n", number, call_names[call], path);
	else
		snprintf(line, sizeof(line), "%lu %s %d\n", number, call_names[call], fd);
	append(fault.trace_file, line);
}

struct ce_fault_verdict
ce_fault_judge(enum ce_fault_call call, const char *path, int fd)
{
	struct ce_fault_verdict verdict = { 0, false };
	int before = errno;
	if (!is_counted(call, fd)) {
		errno = before;
		return verdict;
	}

	unsigned long number = atomic_fetch_add(&fault.number, 1) + 1;
	if (fault.trace_file)
		trace(number, call, path, fd);
	for (size_t i = 0; i < fault.rule_count; i++) {
		enum action action = fault.rules[i].action;
		bool now = action == ACTION_FAIL_ALL ? number >= fault.rules[i].number : number == fault.rules[i].number;
		if (now && action == ACTION_KILL)
			(void)kill(getpid(), SIGKILL);
		else if (now && action == ACTION_SHORT)
			verdict.half = true;
		else if (now)
			verdict.errno_value = fault.rules[i].errno_value;
	}
	errno = before;
	return verdict;
}

static int
errno_by_name(const char *name)
{
	for (int value = 1; value < 200; value++) {
		const char *known = strerrorname_np(value);
		if (known && strcmp(known, name) == 0)
			return value;
	}
	return 0;
}

/* N, or N:ERRNO where errors is true. */
static void
add_rule(const char *rule, enum action action, const char *text, bool errors)
{
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);
	int errno_value = errors && *end == ':' ? errno_by_name(end + 1) : 0;
	if (number == 0 || fault.rule_count == RULES_MAX || (errors ? errno_value == 0 : *end != '\0'))
		give_up(rule);
	fault.rules[fault.rule_count].action = action;
	fault.rules[fault.rule_count].number = number;
	fault.rules[fault.rule_count].errno_value = errno_value;
	fault.rule_count++;
}

static void
select_calls(const char *rule, char *names)
{
	memset(fault.counted, 0, sizeof(fault.counted));
	fault.selected = true;
	char *rest = NULL;
	for (char *name = strtok_r(names, "+", &rest); name; name = strtok_r(NULL, "+", &rest)) {
		size_t call = 0;
		while (call < CE_FAULT_CALL_COUNT && strcmp(call_names[call], name) != 0)
			call++;
		if (call == CE_FAULT_CALL_COUNT)
			give_up(rule);
		fault.counted[call] = true;
	}
}

static char *
copy_path(const char *rule, const char *path)
{
	char *copy = path[0] == '/' ? strdup(path) : NULL;
	if (!copy)
		give_up(rule);
	return copy;
}

static long long
factor(const char *rule, const char *text)
{
	char *end = NULL;
	long long value = strtoll(text, &end, 10);
	if (*end != '\0' || value < 1 || value > 1000)
		give_up(rule);
	return value;
}

static void
take_rule(const char *rule, const char *name, char *value)
{
	if (strcmp(name, "only") == 0)
		select_calls(rule, value);
	else if (strcmp(name, "count") == 0)
		fault.count_file = copy_path(rule, value);
	else if (strcmp(name, "trace") == 0)
		fault.trace_file = copy_path(rule, value);
	else if (strcmp(name, "now") == 0)
		ce_fault_clock_offset = strtoll(value, NULL, 10);
	else if (strcmp(name, "hurry") == 0)
		ce_fault_hurry = factor(rule, value);
	else if (strcmp(name, "kill") == 0)
		add_rule(rule, ACTION_KILL, value, false);
	else if (strcmp(name, "short") == 0)
		add_rule(rule, ACTION_SHORT, value, false);
	else if (strcmp(name, "fail") == 0)
		add_rule(rule, ACTION_FAIL, value, true);
	else if (strcmp(name, "failall") == 0)
		add_rule(rule, ACTION_FAIL_ALL, value, true);
	else
		give_up(rule);
}

static void
take_rules(char *rules)
{
	char *rest = NULL;
	for (char *rule = strtok_r(rules, ",", &rest); rule; rule = strtok_r(NULL, ",", &rest)) {
		char *value = strchr(rule, ':');
		if (!value)
			give_up(rule);
		*value++ = '\0';
		take_rule(rule, rule, value);
	}
}

static void
count_all_steady(void)
{
	for (size_t call = 0; call < CE_FAULT_CALL_COUNT; call++)
		fault.counted[call] = true;
	for (size_t i = 0; i < sizeof(unsteady) / sizeof(unsteady[0]); i++)
		fault.counted[unsteady[i]] = false;
}

static void
forget(void)
{
	free(fault.count_file);
	free(fault.trace_file);
	memset(&fault, 0, sizeof(fault));
	ce_fault_clock_offset = 0;
	ce_fault_hurry = 1;
}

void
ce_fault_begin(const char *rules)
{
	static bool registered;
	forget();
	fault.pid = getpid();
	count_all_steady();
	char *copy = strdup(rules);
	if (!copy)
		give_up(rules);
	take_rules(copy);
	free(copy);
	ce_sys = &ce_sys_fault;
	if (!registered)
		registered = atexit(write_count) == 0;
}

void
ce_fault_end(void)
{
	ce_sys = &ce_sys_real;
	write_count();
	forget();
}
