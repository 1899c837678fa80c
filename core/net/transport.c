/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transports by number and by name. */
#include "net/net.h"
#include "base/text.h"

static const struct net_transport transports[] = {
	{ NET_UDP, false, false, "UDP", "udp", 5060 },
	{ NET_TCP, true, false, "TCP", "tcp", 5060 },
	{ NET_TLS, true, true, "TLS", "tls", 5061 },
};

#define TRANSPORTS (sizeof transports / sizeof *transports)

const struct net_transport *
net_transport(unsigned id)
{
	for (size_t i = 0; i < TRANSPORTS; i++)
		if (transports[i].id == id)
			return &transports[i];
	return NULL;
}

const struct net_transport *
net_transport_named(struct coven_slice name)
{
	for (size_t i = 0; i < TRANSPORTS; i++)
		if (text_is_alike(name, transports[i].parameter))
			return &transports[i];
	return NULL;
}
