/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tag: SipHash-1-3 under a key that strangers do not know: what they choose lands nowhere
 * that they could have foreseen, even when they are shown the results. */
#ifndef AUTH_DIGEST_TAG_H
#define AUTH_DIGEST_TAG_H

#include <coven/types.h>

struct tag_key {
	uint64_t half[2];
};

/* Of the parts; ("ab", "c") and ("a", "bc") differ. */
uint64_t tag_of(const struct tag_key *key, const struct coven_slice *parts, size_t count);

#endif
