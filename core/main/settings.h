/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings: the server's own keys of the configuration; the plugins' stand beside them in `plugins`. */
#ifndef MAIN_SETTINGS_H
#define MAIN_SETTINGS_H

#include "host/option.h"

#define SETTINGS_WORKERS_MAX 36

struct settings {
	struct coven_rows domains, listen, plugin_path; /* of slices */
	struct coven_slice data, control, user;
	int64_t workers, record_route, log_level;       /* indices of their words */
	bool strangers, sandbox;
	int64_t body_max, connections_per_source;
	int64_t transactions_max; /* of one worker */
	int64_t memory_max;       /* of all, 0: half of what there is */
	struct coven_rows hosts;                        /* of settings_host */
	struct coven_rows tls;                          /* of settings_tls */
	struct coven_slice tls_trust;
};

struct settings_tls {
	struct coven_slice domain, certificate, key;
};

struct settings_host {
	struct coven_slice name;
	struct coven_address address;
};

struct option_rows settings_rows(void);
extern const char *const settings_others[]; /* keys that are not the server's own: plugins, plugins_only */

/* NULL: complained.  The struct is option_values() of the set. */
struct option_set *settings_read(const struct conf *conf, const char *file, struct complaints *list);

#endif
