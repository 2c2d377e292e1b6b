/* One Tomcat in memory at /srv/tomcat, and the plugin's callbacks on it. */
#ifndef CE_TESTS_TOMCAT_DRIVER_H
#define CE_TESTS_TOMCAT_DRIVER_H

#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "suites.h"

#define BASE "/srv/tomcat"
#define CONFIG BASE "/conf/server.xml"
#define JAR BASE "/lib/catalina.jar"

extern const struct ce_test fixtures_tests[], install_tests[], reload_tests[], settings_tests[];

/* The bytes of a file in plugins/tomcat/fixtures; NULL when there is none. The caller frees. */
char *driver_fixture(const char *name, const char *ending);

/* A Tomcat of that version with that server.xml; release with fake_release. */
void driver_begin(ce_call *call, const char *config, const char *version, const char *options);
void driver_begin_fixture(ce_call *call, const char *fixture, const char *version, const char *options);

int driver_create(ce_call *call);
int driver_install(ce_call *call);
int driver_reload(ce_call *call);
int driver_endpoints(ce_call *call);

/* The callback fails with the code and a sentence that has the words in it. */
void driver_refused(ce_call *call, int result, int code, const char *words);
/* server.xml has the text in it. */
void driver_has(ce_call *call, const char *text);
void driver_lacks(ce_call *call, const char *text);

#endif
