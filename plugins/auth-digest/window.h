/* SPDX-License-Identifier: GPL-3.0-or-later */
/* window: which nonce counts have been used, so that no credentials count twice.
 *
 * One table of fixed size for all workers.  A nonce gets its place when it is first used
 * rightly, so strangers cannot push others out.  A place that is needed again is taken
 * from the oldest nonce; from then on whatever was issued no later than that one, and has
 * no place, is stale: perhaps it was used.
 */
#ifndef AUTH_DIGEST_WINDOW_H
#define AUTH_DIGEST_WINDOW_H

#include "nonce.h"

#define WINDOW_SETS 16384 /* places of WINDOW_WAYS nonces */
#define WINDOW_WAYS 4
#define WINDOW_LOCKS 64
#define WINDOW_COUNTS 64 /* so far may counts come out of order */
#define WINDOW_WHOLE UINT32_MAX /* credentials without a count use the nonce up */

struct window;
struct window *window_new(void); /* NULL: no memory */
void window_free(struct window *w);

/* Has it surely been used?  To refuse early; changes nothing. */
bool window_used(struct window *w, const struct nonce *nonce, uint32_t count);
/* Uses it.  false: it was used before, or perhaps was. */
bool window_take(struct window *w, const struct nonce *nonce, uint32_t count);

#endif
