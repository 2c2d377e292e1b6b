/* Where things lie. Two definitions exist: the installed program's (dirs.c) and the one of the
 * program that tests run from the build tree (tests/lib/dirs_build_tree.c). */
#ifndef CE_BASE_DIRS_H
#define CE_BASE_DIRS_H

struct ce_dirs {
	const char *config;  /* certengine.conf, conf.d */
	const char *state;   /* 0700: accounts, certificates, journal */
	const char *run;     /* lock */
	const char *plugins; /* NAME.so */
	const char *helpers; /* certengine-plugin-host, certengine-net, certengine-probe */
};

extern const struct ce_dirs ce_dirs_built;

/* Called first in every main: nothing in the installed program; switches on faults and fake
 * clocks in the one that tests run. */
void ce_build_begin(void);

#endif
