/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memo: short notes about strangers, in tables of fixed size for all workers; the oldest
 * note of a set gives way.  A lost note costs a device one more try, never its security.
 *
 * Why: a challenge with SHA-256 and one with MD5 in the same answer (RFC 8760) is too
 * much for some phones: Debian's baresip 1.0.0 then gives up without sending credentials
 * at all, whatever their order.  Such a device is known by coming back without
 * credentials.  So each challenge to a source, AoR and Call-ID is noted; credentials that
 * answer one of ours, right or wrong, clear the note, for they show that the device copes.
 * From the second request on that comes with nothing (MEMO_PATIENCE) the answer has the
 * MD5 challenge alone.  A repeated packet is not a second request.  The Call-ID is what a
 * forger does not know: he can have himself offered MD5 alone, and nobody else.  (A
 * device's REGISTERs have one Call-ID, RFC 3261 10.2.)  Only who has proved the password
 * with MD5 alone is remembered by source and AoR, for an hour after the last success, and
 * gets it for calls, too.  baresip registers so at its second try, 30 to 60 s after the
 * first; linphonec and every device that answers a challenge stays with SHA-256. */
#ifndef AUTH_DIGEST_MEMO_H
#define AUTH_DIGEST_MEMO_H

#include <coven/types.h>

#define MEMO_SETS 4096
#define MEMO_WAYS 4
#define MEMO_LOCKS 16
#define MEMO_SECONDS 3600
#define MEMO_OFFER_SECONDS 60
#define MEMO_PATIENCE 2

struct memo;
struct memo *memo_new(uint64_t seed); /* NULL: no memory */
void memo_free(struct memo *m);

/* Of the parts, under the table's seed; ("ab", "c") and ("a", "bc") differ. */
uint64_t memo_key(const struct memo *m, const struct coven_slice *parts, size_t count);

/* A request without credentials of ours came; `request` tells it from its repetitions,
 * `attempt` is the device with the Call-ID.  Does it come from a device that needs MD5
 * alone? */
bool memo_came(struct memo *m, uint64_t device, uint64_t attempt, uint64_t request,
	       int64_t now_ms);
/* It answered one of several challenges. */
void memo_answered(struct memo *m, uint64_t attempt, int64_t now_ms);
/* It answered an MD5 challenge that was alone, and rightly: stay with it. */
void memo_keep(struct memo *m, uint64_t device, int64_t now_ms);

/* Another table: the only hash that an AoR's account may be asked for; for a minute, as it
 * can be changed.  false: not known (any more). */
bool memo_offer(struct memo *m, uint64_t key, int64_t now_ms, uint32_t *only);
void memo_set_offer(struct memo *m, uint64_t key, int64_t now_ms, uint32_t only);

#endif
