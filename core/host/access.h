/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access: what a caller may do, once AUTH has said who it is. */
#ifndef HOST_ACCESS_H
#define HOST_ACCESS_H

#include "host/state.h"

unsigned access_judge(struct coven_request *r); /* 0: go on; else the status of the refusal */

#endif
