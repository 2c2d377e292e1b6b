#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char current[128];

const char *
fixture_directory(void)
{
	static int number;
	snprintf(current, sizeof(current), "%s/%d", ce_test_directory(), ++number);
	if (mkdir(current, 0755) != 0 || chmod(current, 0755) != 0)
		abort();
	return current;
}

const char *
fixture_path(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof(paths[0]), "%s/%s", current, name);
	return path;
}

void
fixture_put(const char *name, const char *content, mode_t mode)
{
	int fd = open(fixture_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, content, strlen(content)) != (ssize_t)strlen(content) || fchmod(fd, mode) != 0)
		abort();
	close(fd);
}

bool
fixture_holds(const char *name, const char *content)
{
	char found[4096];
	int fd = open(fixture_path(name), O_RDONLY);
	if (fd < 0)
		return false;
	ssize_t size = read(fd, found, sizeof(found));
	close(fd);
	return size == (ssize_t)strlen(content) && memcmp(found, content, (size_t)size) == 0;
}

bool
fixture_exists(const char *name)
{
	struct stat st;
	return lstat(fixture_path(name), &st) == 0;
}

size_t
fixture_count(void)
{
	size_t count = 0;
	DIR *dir = opendir(current);
	if (!dir)
		abort();
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

int
fixture_in_child(int (*function)(void))
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		_exit(function());
	int status = 0;
	if (waitpid(pid, &status, 0) != pid)
		abort();
	return status;
}
