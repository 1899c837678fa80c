/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask: the service "credentials": the configuration first, then the store. */
#ifndef USERS_ASK_H
#define USERS_ASK_H

#include <coven/credentials.h>

/* As in struct coven_credentials. */
void ask_find(struct coven_instance *in, coven_call call, struct coven_slice user,
	      struct coven_slice realm, uint32_t hash);
void ask_resolve(struct coven_instance *in, coven_call call, struct coven_slice aor);

#endif
