/* SPDX-License-Identifier: GPL-3.0-or-later */
/* survey: which names of the configuration stand in the store, too?  Those records are not
 * looked at, and somebody should know. */
#ifndef USERS_SURVEY_H
#define USERS_SURVEY_H

#include <coven/plugin.h>

/* Soon after the start, when the store is there; worker 0. */
void survey_later(struct coven_instance *in);

#endif
