/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journey: how a target that is a name is reached (RFC 3263 4.3): the service `resolver` gives addresses in order, a few
 * at a time, the service `tls-policy` says which of them may be used and what they have to prove, and they are tried one
 * after the other.  Each attempt is a branch of its own, of the same target: the next one begins when one has refused,
 * could not be connected, answered 503, or, of an INVITE, has said nothing for a while. */
#ifndef HOST_JOURNEY_H
#define HOST_JOURNEY_H

#include "host/state.h"
#include <coven/resolver.h>

#define JOURNEY_SILENT_MS 1200  /* after an INVITE has left nothing has come back: the next */
#define JOURNEY_CONNECT_MS 1000 /* no connection yet: the next */

/* Asks for the target of b, which waits.  0, or the status by which it fails. */
unsigned journey_begin(struct coven_branch *b, const struct coven_question *question);
/* b is another attempt at a target that has begun its journey. */
bool journey_has_begun(const struct coven_branch *b);
void journey_go_on(struct coven_branch *b);

void journey_sent(struct coven_branch *b);  /* it has left */
void journey_heard(struct coven_branch *b, const struct sip_message *m); /* a response has come */
/* It is final, >= 300: true when others are at the same target, or one has begun, so that this end means nothing. */
bool journey_another(struct coven_branch *b);
void journey_stop(struct coven_branch *b);  /* given up, or about to be freed; harmless */

#endif
