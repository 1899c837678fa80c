/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hold: addresses that are left alone for a while because they refused, said nothing, or asked for it (503 with
 * Retry-After).  When the time is over one attempt goes there; until it has come to something, no other does.  One
 * worker. */
#ifndef HOST_HOLD_H
#define HOST_HOLD_H

#include "net/net.h"

#define HOLD_FIRST_MS 5000     /* twice as long each time, */
#define HOLD_MOST_MS 300000    /* up to this */
#define HOLD_FORGET_MS 600000  /* after its end an address is like any other */
#define HOLD_MAX 4096          /* addresses; then one of the others goes */

struct holds;
struct holds *holds_new(void); /* NULL: no memory */
void holds_free(struct holds *all);

/* May a request go there now?  The first one after a hold is the attempt. */
bool hold_lets(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
               int64_t now_ms);
/* The same question, of somebody who only wants to know. */
bool hold_is_on(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
                int64_t now_ms);
void hold_failed(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
                 int64_t now_ms);
/* It asked for so long. */
void hold_asked(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
                int64_t now_ms, int64_t ms);
void hold_good(struct holds *all, const struct net_transport *transport, const struct coven_address *address);

#endif
