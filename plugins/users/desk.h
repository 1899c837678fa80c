/* SPDX-License-Identifier: GPL-3.0-or-later */
/* desk: what the plugin has on each worker, and what all of it shares. */
#ifndef USERS_DESK_H
#define USERS_DESK_H

#include "account.h"
#include "errand.h"

#include <coven/store.h>

/* As in struct coven_plugin. */
int desk_open(struct coven_instance *in);
void desk_close(struct coven_instance *in);
enum coven_verdict desk_start(struct coven_instance *in);
void desk_stop(struct coven_instance *in);

/* Those of the configuration. */
const struct accounts *desk_accounts(const struct coven_instance *in);
struct errands *desk_errands(const struct coven_instance *in);
bool desk_has_store(const struct coven_instance *in);
/* A record that cannot be read: said in the log, now and then. */
void desk_damaged(struct coven_instance *in, struct coven_slice key);

#endif
