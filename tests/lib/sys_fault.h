/* A table of system calls that counts, fails, shortens, kills and tells another time.
 *
 * Rules, separated by commas (files by absolute path):
 *   only:A+B        count only these calls, by their names in base/sys.h
 *   count:FILE      append the number of counted calls at exit
 *   trace:FILE      append a line for each counted call: number, name, path or descriptor
 *   kill:N          die by SIGKILL before call N
 *   fail:N:ERRNO    call N fails with ERRNO (a name: ENOSPC)
 *   failall:N:ERRNO so do all counted calls from N on
 *   short:N         call N, if it reads or writes, moves half of what was asked
 *   now:SECONDS     the wall clock is off by so much
 *   hurry:N         time limits and pauses are N times as short: the monotonic clock goes faster
 *
 * Without only, those calls are counted whose number does not depend on the speed of others:
 * not clocks, waiting and messages; reading and writing only on files. Children that have not
 * executed another program pass through uncounted. */
#ifndef CE_TESTS_SYS_FAULT_H
#define CE_TESTS_SYS_FAULT_H

/* Puts the table in place. A rule that cannot be understood ends the program with status 125. */
void ce_fault_begin(const char *rules);

/* For unit tests: appends the count where a rule asks for it, and puts the real table back. */
void ce_fault_end(void);

/* Calls counted since ce_fault_begin. */
unsigned long ce_fault_count(void);

#endif
