/* A disk that is full while a file is there: SMARTY_FULL names it, SMARTY_FULL_UNDER the folder in which nothing can be written then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int fd)
{
	const char *flag = getenv("SMARTY_FULL"), *under = getenv("SMARTY_FULL_UNDER");
	if (flag == NULL || under == NULL || access(flag, F_OK) != 0)
		return 0;
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return 0;
	path[length] = 0;
	if (strncmp(path, under, strlen(under)) != 0)
		return 0;
	errno = ENOSPC;
	return 1;
}

/* The half of what was asked for, now and then, as a disk does that has little left. */
static int torn;

#define WRAP(result, name, parameters, arguments, size)                                                                                   \
	result name parameters                                                                                                                \
	{                                                                                                                                     \
		static result (*real) parameters;                                                                                                 \
		if (real == NULL)                                                                                                                 \
			real = dlsym(RTLD_NEXT, #name);                                                                                               \
		if (is_full(fd)) {                                                                                                                \
			if (size < 2 || torn++ % 3 != 0)                                                                                              \
				return -1;                                                                                                                \
			size /= 2;                                                                                                                    \
		}                                                                                                                                 \
		return real arguments;                                                                                                            \
	}

WRAP(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), size)
WRAP(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at), size)
WRAP(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at), size)
