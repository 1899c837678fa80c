/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: things named by number (index, generation, worker) instead of by pointer, so that a name that outlived
 * its thing is harmless.  One worker. */
#ifndef HOST_NAMES_H
#define HOST_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_MAX (1u << 24)

struct names;
struct names *names_new(unsigned worker);
void names_free(struct names *s);
uint64_t names_add(struct names *s, void *thing); /* 0: no memory, or NAMES_MAX */
void *names_get(const struct names *s, uint64_t name); /* NULL: gone */
void names_remove(struct names *s, uint64_t name);     /* harmless when gone */
size_t names_count(const struct names *s);
unsigned names_worker(uint64_t name); /* any thread */

#endif
