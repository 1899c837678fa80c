/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp: the list of system calls that remain. */
#ifndef MAIN_SECCOMP_H
#define MAIN_SECCOMP_H

/* For this thread and those that it starts; no_new_privs is set.  -1: errno; ENOTSUP: not known for this processor. */
int seccomp_close(void);

#endif
