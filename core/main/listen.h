/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen: the listeners and domains of the configuration. */
#ifndef MAIN_LISTEN_H
#define MAIN_LISTEN_H

#include "main/settings.h"
#include "tx/self.h"

/* NULL: complained. */
struct net_shared *listen_open(const struct settings *s, const struct option_set *set, struct complaints *list);
struct self *listen_self(const struct settings *s, const struct option_set *set, const struct net_shared *net,
                         struct complaints *list);

#endif
