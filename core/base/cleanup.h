/* Attributes and the cleanup idiom: an owning local is declared with its
 * initialiser and its cleanup on one line, and leaves by early return. */
#ifndef CE_BASE_CLEANUP_H
#define CE_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>

#define CE_MUSTCHECK __attribute__((warn_unused_result))
#define CE_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define CE_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Calls a must-check function whose result does not matter; the comment beside it says why not. */
#define CE_IGNORE(call) \
	do { \
		__typeof__(call) ignored_ = (call); \
		(void)ignored_; \
	} while (0)

/* The value of p, which is NULL from then on: ownership moves to the reader. */
#define CE_STEAL(p) __extension__({ __typeof__(p) stolen_ = (p); (p) = NULL; stolen_; })

#define CE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* For char * and other malloc'ed pointers: CE_CLEANUP(ce_freep) char *s = NULL; */
static inline void
ce_freep(void *pointer)
{
	free(*(void **)pointer);
}

/* For descriptors; -1 is "none". Only the failure path relies on it: where a
 * result matters, close is called and checked in the open. */
void ce_closep(int *fd);

/* Wipes the string up to its NUL, then frees it. For secrets. */
void ce_wipe_strp(char **text);

#endif
