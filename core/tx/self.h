/* SPDX-License-Identifier: GPL-3.0-or-later */
/* self: who we are: domains, and every address, host name and port that leads to us.  One set; every "is this
 * us?" asks it.  Built before the workers start, read-only afterwards. */
#ifndef TX_SELF_H
#define TX_SELF_H

#include "net/net.h"
#include "sip/uri.h"

#define SELF_NAMES_MAX 4096

struct self;
struct self *self_new(const struct net_shared *net); /* with the listeners, the host name and localhost */
void self_free(struct self *s);
int self_add_domain(struct self *s, struct coven_slice name); /* -1: no memory, not a host name, too many */

/* A domain whose users are ours (any case, a dot at the end does not matter). */
bool self_is_domain(const struct self *s, struct coven_slice host);
/* We ourselves: a domain, own address, host name or localhost, with one of our ports; port 0 is the
 * default port (domains: any of ours). */
bool self_is_us(const struct self *s, struct coven_slice host, uint16_t port);
bool self_is_uri(const struct self *s, const struct sip_uri *uri);
struct coven_slice self_first_domain(const struct self *s);

#endif
