/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain: `domain NAME` makes the keys of a domain and prints what is to be published. It needs no server. */
#ifndef CTL_DOMAIN_H
#define CTL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* The words behind "domain". An exit code. */
int domain_run(size_t count, const char *const *words, bool as_json);

#endif
