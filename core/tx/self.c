/* SPDX-License-Identifier: GPL-3.0-or-later */
/* self: the set of names and addresses that are us. */
#include "tx/self.h"
#include "base/keyed.h"
#include "base/table.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SELF_NAME_MAX 253

struct self_name {
	struct table_node node;
	bool domain; /* else: a name of this host */
	size_t length;
	char text[SELF_NAME_MAX + 1];
};

struct self {
	const struct net_shared *net;
	struct table names;
	struct keyed key;
	struct self_name *first; /* the first domain */
};

/* In lower case, without the dot at the end.  0: too long or empty. */
static size_t
plain(struct coven_slice name, char room[SELF_NAME_MAX + 1])
{
	size_t n = name.length;

	if (n && name.at[n - 1] == '.')
		n--;
	if (n == 0 || n > SELF_NAME_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		room[i] = (char)tolower((unsigned char)name.at[i]);
	room[n] = 0;
	return n;
}

static bool
same_name(const struct table_node *node, const void *key)
{
	const struct self_name *n = CONTAINER(node, struct self_name, node);
	const struct coven_slice *wanted = key;

	return n->length == wanted->length && memcmp(n->text, wanted->at, n->length) == 0;
}

static struct self_name *
find(const struct self *s, struct coven_slice name)
{
	char room[SELF_NAME_MAX + 1];
	struct coven_slice key = { room, plain(name, room) };
	struct table_node *node;

	if (key.length == 0)
		return NULL;
	node = table_find(&s->names, keyed_hash(&s->key, key.at, key.length), same_name, &key);
	return node ? CONTAINER(node, struct self_name, node) : NULL;
}

static struct self_name *
add(struct self *s, struct coven_slice name, bool domain)
{
	struct self_name *n = find(s, name);

	if (n) {
		n->domain = n->domain || domain;
		return n;
	}
	if (s->names.count >= SELF_NAMES_MAX)
		return NULL;
	n = calloc(1, sizeof *n);
	if (!n)
		return NULL;
	n->domain = domain;
	n->length = plain(name, n->text);
	if (n->length == 0) {
		free(n);
		return NULL;
	}
	table_insert(&s->names, &n->node, keyed_hash(&s->key, n->text, n->length));
	return n;
}

struct self *
self_new(const struct net_shared *net)
{
	struct self *s = calloc(1, sizeof *s);
	char host[SELF_NAME_MAX + 1];

	if (!s)
		return NULL;
	s->net = net;
	keyed_random(&s->key);
	if (table_init(&s->names, 64) != 0) {
		free(s);
		return NULL;
	}
	add(s, TEXT("localhost"), false);
	if (gethostname(host, sizeof host) == 0) {
		host[SELF_NAME_MAX] = 0;
		add(s, text_of(host), false);
	}
	return s;
}

static void
free_name(struct table_node *node, void *arg)
{
	struct self *s = arg;

	table_remove(&s->names, node);
	free(CONTAINER(node, struct self_name, node));
}

void
self_free(struct self *s)
{
	if (!s)
		return;
	table_each(&s->names, free_name, s);
	table_done(&s->names);
	free(s);
}

static bool
is_host_name(struct coven_slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (!isalnum(c) && c != '-' && c != '.' && c != '_')
			return false;
	}
	return name.length > 0 && name.at[0] != '.' && name.at[0] != '-';
}

int
self_add_domain(struct self *s, struct coven_slice name)
{
	struct self_name *n = is_host_name(name) ? add(s, name, true) : NULL;

	if (n && !s->first)
		s->first = n;
	return n ? 0 : -1;
}

bool
self_is_domain(const struct self *s, struct coven_slice host)
{
	const struct self_name *n = find(s, host);

	return n && n->domain;
}

/* Does a listener have this port?  Port 0: the default port of one of them. */
static bool
port_is_ours(const struct self *s, uint16_t port)
{
	for (size_t i = 0; i < net_shared_count(s->net); i++) {
		const struct net_listener *l = net_shared_listener(s->net, (unsigned)i);
		if (l->address.port == (port ? port : l->transport->default_port))
			return true;
	}
	return false;
}

static bool
address_is_ours(const struct self *s, const struct coven_address *a, uint16_t port)
{
	for (size_t i = 0; i < net_shared_count(s->net); i++) {
		const struct net_listener *l = net_shared_listener(s->net, (unsigned)i);
		if (l->address.port == (port ? port : l->transport->default_port) &&
		    address_same_host(&l->address, a))
			return true;
	}
	return false;
}

bool
self_is_us(const struct self *s, struct coven_slice host, uint16_t port)
{
	struct coven_address a;
	const struct self_name *n;

	if (address_parse(host, &a) == 0)
		return address_is_ours(s, &a, port);
	n = find(s, host);
	if (!n)
		return false;
	return (n->domain && port == 0) || port_is_ours(s, port);
}

bool
self_is_uri(const struct self *s, const struct sip_uri *uri)
{
	return uri->sip && self_is_us(s, uri->host, uri->port);
}

struct coven_slice
self_first_domain(const struct self *s)
{
	if (!s->first)
		return (struct coven_slice){ NULL, 0 };
	return (struct coven_slice){ s->first->text, s->first->length };
}
