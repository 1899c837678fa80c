/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value: structure of single header values through libosipparser2, on demand only: never a body, never a
 * whole message.  The library's allocator hooks are global to the process, so the arena that they take from
 * is the thread's: set by value_enter(), put back by value_leave().  Its trace is switched off first: it
 * prints to stdout. */
#ifndef SIP_VALUE_H
#define SIP_VALUE_H

#include "base/arena.h"
#include <osipparser2/osip_parser.h>

int value_open(void); /* once, before any thread starts: parser tables, allocator hooks, no trace */

struct arena *value_enter(struct arena *arena); /* gives the one before */
void value_leave(struct arena *before);

/* NULL: not such a value (NULs inside and more than 2 * SIP_PARAMS_MAX
 * semicolons and commas are refused), no memory.  The result lives in the arena; it is not freed
 * by osip functions. */
osip_contact_t *value_contact(struct coven_slice value, struct arena *arena);
osip_authorization_t *value_authorization(struct coven_slice value, struct arena *arena);

#endif
