/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration: which file it is; or the one that is built in, for an ordinary user who has none. */
#ifndef MAIN_CONFIGURATION_H
#define MAIN_CONFIGURATION_H

#include "ctl/places.h"
#include "host/conf.h"

struct configuration {
	const char *file; /* for messages, too */
	bool built_in;
};

/* `asked`: by -c; NULL: that of the places, or the built-in one if there is none. */
struct configuration configuration_choose(const char *asked, const struct places *p);
struct conf *configuration_load(const struct configuration *c, struct complaints *list); /* NULL: complained */

#endif
