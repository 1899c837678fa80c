/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail: other workers and helper threads.  Implements coven_owner(), coven_call_worker() and the mailbox functions. */
#ifndef HOST_MAIL_H
#define HOST_MAIL_H

#include <coven/plugin.h>

void mail_close(struct coven_instance *in); /* what comes later is disposed of */

#endif
