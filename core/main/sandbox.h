/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox: what whoever takes covend over could not do with it.  No capabilities, none to be had by running something,
 * nothing that can be run, no core file, nobody who looks into our memory; system calls that a SIP server and its plugins
 * do not need are refused with EPERM. */
#ifndef MAIN_SANDBOX_H
#define MAIN_SANDBOX_H

#include <stdbool.h>

/* Always, and first of all: no core file, no ptrace(): keys are in memory. */
void sandbox_hide(void);
/* While we are still root, if we are: no capability can come back. */
void sandbox_bound(void);
/* When we are who we stay; threads that are started later are in it, too.  What the kernel refuses is a line in the log.
 * In a build with sanitizers there is no filter. */
void sandbox_close(void);

#endif
