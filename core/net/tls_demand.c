/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is demanded of a far end: copied, and compared. */
#include "base/text.h"
#include "net/tls_inside.h"
#include "net/tls_names.h"

#include <stdlib.h>
#include <string.h>

/* As DNS writes them, or not. */
static struct coven_slice
plain(struct coven_slice name)
{
	if (name.length && name.at[name.length - 1] == '.')
		name.length--;
	return name;
}

bool
tls_demand_valid(const struct net_tls_demand *d)
{
	if (d->domain.length > NET_TLS_NAME_MAX || (d->host.length && !tls_name_valid(plain(d->host))))
		return false;
	if (d->name_count > NET_TLS_NAMES_MAX || d->tlsa_count > NET_TLSA_MAX)
		return false;
	for (size_t i = 0; i < d->name_count; i++)
		if (!tls_name_valid(plain(d->names[i])))
			return false;
	for (size_t i = 0; i < d->tlsa_count; i++)
		if (d->tlsa[i].data.length > NET_TLSA_DATA_MAX)
			return false;
	/* Names that nobody gave would be names that everybody has. */
	return d->level == NET_TLS_ANY || (d->name_count > 0 && (d->level != NET_TLS_DANE || d->host.length > 0));
}

struct copying {
	char *at;
};

/* With a NUL behind it. */
static struct coven_slice
put(struct copying *c, struct coven_slice text)
{
	struct coven_slice copy = { c->at, text.length };

	if (text.length)
		memcpy(c->at, text.at, text.length);
	c->at[text.length] = '\0';
	c->at += text.length + 1;
	return copy;
}

static size_t
bytes_of(const struct net_tls_demand *d)
{
	size_t n = d->domain.length + d->host.length + 2;

	for (size_t i = 0; i < d->name_count; i++)
		n += d->names[i].length + 1;
	for (size_t i = 0; i < d->tlsa_count; i++)
		n += d->tlsa[i].data.length + 1;
	return n;
}

struct tls_demand *
tls_demand_copy(const struct net_tls_demand *d)
{
	size_t names = d->name_count * sizeof *d->names, tlsa = d->tlsa_count * sizeof *d->tlsa;
	struct tls_demand *copy = tls_demand_valid(d) ? malloc(sizeof *copy + tlsa + names + bytes_of(d)) : NULL;
	struct net_tlsa *records;
	struct coven_slice *texts;
	struct copying c;

	if (!copy)
		return NULL;
	records = (struct net_tlsa *)(void *)(copy + 1);
	texts = (struct coven_slice *)(void *)(records + d->tlsa_count);
	c.at = (char *)(texts + d->name_count);
	copy->is = *d;
	copy->is.domain = put(&c, plain(d->domain));
	copy->is.host = put(&c, plain(d->host));
	copy->is.names = texts;
	copy->is.tlsa = records;
	for (size_t i = 0; i < d->name_count; i++)
		texts[i] = put(&c, plain(d->names[i]));
	for (size_t i = 0; i < d->tlsa_count; i++) {
		records[i] = d->tlsa[i];
		records[i].data = put(&c, d->tlsa[i].data);
	}
	return copy;
}

static bool
same_names(const struct net_tls_demand *a, const struct net_tls_demand *b)
{
	if (a->name_count != b->name_count || !text_alike(a->domain, plain(b->domain)))
		return false;
	for (size_t i = 0; i < a->name_count; i++)
		if (!text_alike(a->names[i], plain(b->names[i])))
			return false;
	return true;
}

static bool
same_records(const struct net_tls_demand *a, const struct net_tls_demand *b)
{
	if (a->tlsa_count != b->tlsa_count || !text_alike(a->host, plain(b->host)))
		return false;
	for (size_t i = 0; i < a->tlsa_count; i++) {
		const struct net_tlsa *one = &a->tlsa[i], *other = &b->tlsa[i];

		if (one->usage != other->usage || one->selector != other->selector ||
		    one->matching != other->matching || !text_same(one->data, other->data))
			return false;
	}
	return true;
}

/* a is a copy of ours. */
bool
tls_demand_same(const struct net_tls_demand *a, const struct net_tls_demand *b)
{
	return a->level == b->level && same_names(a, b) && same_records(a, b);
}

bool
tls_demand_covers(const struct net_tls_demand *a, enum net_tls_level proven, const struct net_tls_demand *b)
{
	if (proven < b->level || !text_alike(a->domain, plain(b->domain)))
		return false;
	return b->level == NET_TLS_ANY || (same_names(a, b) && (b->level == NET_TLS_NAMES || same_records(a, b)));
}
