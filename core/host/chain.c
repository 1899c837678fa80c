/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain: hooks by phase in the order of use, services by name, and an order in which needs come first. */
#include "host/chain.h"
#include "base/text.h"
#include "sip/message.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_ROOM 400 /* bytes for names in one line */

static const struct coven_hook *
hook_at(const struct plug *p, size_t i)
{
	const struct coven_hook *hook;

	if (!p->table->hooks)
		return NULL;
	hook = CHAIN_ROW(p->table->hooks, p->table->head.hook, i);
	return hook->phase ? hook : NULL;
}

static const struct coven_service *
service_at(const struct plug *p, size_t i)
{
	const struct coven_service *service;

	if (!p->table->gives)
		return NULL;
	service = CHAIN_ROW(p->table->gives, p->table->head.service, i);
	return service->name ? service : NULL;
}

static const struct coven_need *
need_at(const struct plug *p, const struct coven_need *rows, size_t i)
{
	const struct coven_need *need;

	if (!rows)
		return NULL;
	need = CHAIN_ROW(rows, p->table->head.need, i);
	return need->name ? need : NULL;
}

/* -- methods: "REGISTER PUBLISH" */

static bool
next_word(struct coven_slice *rest, struct coven_slice *word)
{
	size_t from = 0, to;

	while (from < rest->length && strchr(" ,\t", rest->at[from]))
		from++;
	for (to = from; to < rest->length && !strchr(" ,\t", rest->at[to]);)
		to++;
	*word = text_cut(*rest, from, to);
	*rest = text_cut(*rest, to, rest->length);
	return word->length != 0;
}

static bool
names_method(const char *methods, struct coven_slice method)
{
	struct coven_slice rest = text_of(methods), word;

	while (next_word(&rest, &word))
		if (text_same(word, method))
			return true;
	return false;
}

static struct chain_hook
hook_make(const struct plug *p, const struct coven_hook *row)
{
	struct chain_hook h = { .plug = p, .call = row->call, .methods = row->methods, .all = !row->methods };
	struct coven_slice rest = text_of(row->methods), word;

	if (h.all)
		h.known = ~0u;
	while (next_word(&rest, &word))
		h.known |= 1u << sip_method_id(word);
	return h;
}

bool
chain_wants(const struct chain_hook *h, unsigned method_id, struct coven_slice method)
{
	if (h->all)
		return true;
	if (!(h->known & 1u << method_id))
		return false;
	return method_id != SIP_METHOD_OTHER || names_method(h->methods, method);
}

bool
chain_serves(const struct chain *c, struct coven_slice method)
{
	for (size_t i = 0; i < c->hook_count[COVEN_SERVE]; i++)
		if (chain_wants(&c->hooks[COVEN_SERVE][i], sip_method_id(method), method))
			return true;
	return false;
}

/* What the domain itself answers, not what it forwards for its users: OPTIONS, the methods of SERVE hooks, and ACK and
 * CANCEL, which RFC 3261 20.5 wants in the list of whoever understands them.  No INVITE or BYE: one to the domain itself
 * is refused with this very list.  A hook that sees every method adds nothing, for it cannot be listed. */
static void
list_methods(struct chain *c)
{
	struct text_builder b;

	text_begin(&b, c->allow, sizeof c->allow);
	text_print(&b, "OPTIONS, ACK, CANCEL");
	for (size_t i = 0; i < c->hook_count[COVEN_SERVE]; i++) {
		struct coven_slice rest = text_of(c->hooks[COVEN_SERVE][i].methods), word;

		while (next_word(&rest, &word)) {
			struct coven_slice listed = { c->allow, b.length };
			bool there = false;

			for (struct coven_slice have; next_word(&listed, &have);)
				there |= text_same(have, word);
			if (!there && b.length + word.length + 2 < sizeof c->allow)
				text_print(&b, ", %.*s", TEXT_ARG(word));
		}
	}
}

/* -- hooks and services */

static void
collect_sources(struct chain *c)
{
	c->source_count = 0;
	for (size_t i = 0; i < c->count; i++)
		if (c->plugs[i]->table->source)
			c->sources[c->source_count++] = c->plugs[i];
}


static int
collect_hooks(struct chain *c, enum coven_phase phase)
{
	size_t room = 0, count = 0;

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; hook_at(c->plugs[i], k); k++)
			room += hook_at(c->plugs[i], k)->phase == phase;
	c->hook_count[phase] = room;
	c->hooks[phase] = calloc(room ? room : 1, sizeof *c->hooks[phase]);
	if (!c->hooks[phase])
		return -1;
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; hook_at(c->plugs[i], k); k++)
			if (hook_at(c->plugs[i], k)->phase == phase)
				c->hooks[phase][count++] = hook_make(c->plugs[i], hook_at(c->plugs[i], k));
	return 0;
}

static const struct chain_service *
find_service(const struct chain *c, const char *name)
{
	for (size_t i = 0; i < c->service_count; i++)
		if (!strcmp(c->services[i].name, name))
			return &c->services[i];
	return NULL;
}

const struct chain_service *
chain_service(const struct chain *c, const char *name, uint32_t version)
{
	const struct chain_service *s = find_service(c, name);

	return s && s->service->version >= version ? s : NULL;
}

static int
add_service(struct chain *c, const struct plug *p, const struct coven_service *service, struct complaints *list)
{
	const struct chain_service *other = find_service(c, service->name);
	struct chain_service *more;

	if (other)
		return plug_refuse(p, list, "gives the service \"%s\", which plugin \"%s\" gives already",
		                   service->name, other->plug->name);
	more = realloc(c->services, (c->service_count + 1) * sizeof *more);
	if (!more)
		return plug_refuse(p, list, "no memory");
	c->services = more;
	c->services[c->service_count++] = (struct chain_service){ service->name, p, service };
	return 0;
}

static int
collect_services(struct chain *c, struct complaints *list)
{
	int rc = 0;

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; service_at(c->plugs[i], k); k++)
			rc |= add_service(c, c->plugs[i], service_at(c->plugs[i], k), list);
	return rc;
}

static int
check_names(const struct chain *c, struct complaints *list)
{
	int rc = 0;

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->plugs[i]->name, c->plugs[k]->name))
				rc = plug_refuse(c->plugs[i], list, "this name is used twice");
	return rc;
}

static int
check_needs(const struct chain *c, const struct plug *p, const struct coven_need *rows, bool must, struct complaints *list)
{
	const struct coven_need *need;
	int rc = 0;

	for (size_t i = 0; (need = need_at(p, rows, i)); i++) {
		const struct chain_service *s = find_service(c, need->name);

		if (!s && must)
			rc = plug_refuse(p, list, "needs the service \"%s\", which no plugin of the chain gives",
			                 need->name);
		else if (s && s->service->version < need->version)
			rc = plug_refuse(p, list, "%s version %u of the service \"%s\", plugin \"%s\" gives version %u",
			                 must ? "needs" : "wants", need->version, need->name, s->plug->name,
			                 s->service->version);
	}
	return rc;
}

/* -- order: whoever gives stands before whoever needs, and else as configured */

struct sorting {
	struct chain *chain;
	struct complaints *list;
	struct plug *sorted[PLUGS_MAX];
	size_t count;
	enum { SORT_NEW, SORT_OPEN, SORT_DONE } state[PLUGS_MAX];
	size_t path[PLUGS_MAX], depth; /* those open, the first outermost */
};

static size_t
position(const struct chain *c, const struct plug *p)
{
	size_t i = 0;

	while (c->plugs[i] != p)
		i++;
	return i;
}

static int
complain_circle(struct sorting *s, size_t back_to)
{
	struct plug *const *plugs = s->chain->plugs;
	struct text_builder b;
	char room[NAMES_ROOM];
	size_t i = 0;

	text_begin(&b, room, sizeof room);
	while (s->path[i] != back_to)
		i++;
	for (; i < s->depth; i++)
		text_print(&b, "\"%s\" needs ", plugs[s->path[i]]->name);
	text_print(&b, "\"%s\"", plugs[back_to]->name);
	return plug_refuse(plugs[back_to], s->list, "needs go in a circle: %s", room);
}

static int
visit(struct sorting *s, size_t at)
{
	struct plug *p = s->chain->plugs[at];
	const struct coven_need *need;
	int rc = 0;

	if (s->state[at] == SORT_DONE)
		return 0;
	if (s->state[at] == SORT_OPEN)
		return complain_circle(s, at);
	s->state[at] = SORT_OPEN;
	s->path[s->depth++] = at;
	for (size_t i = 0; (need = need_at(p, p->table->needs, i)); i++) {
		const struct chain_service *given = find_service(s->chain, need->name);

		if (given && given->plug != p)
			rc |= visit(s, position(s->chain, given->plug));
	}
	s->depth--;
	s->state[at] = SORT_DONE;
	s->sorted[s->count++] = p;
	return rc;
}

static int
sort(struct chain *c, struct complaints *list)
{
	struct sorting s = { .chain = c, .list = list };
	int rc = 0;

	for (size_t i = 0; i < c->count; i++)
		rc |= visit(&s, i);
	for (size_t i = 0; i < c->count; i++)
		c->plugs[i] = s.sorted[i];
	return rc;
}

int
chain_build(struct chain *c, struct complaints *list)
{
	int rc = check_names(c, list) | collect_services(c, list);

	for (unsigned phase = 1; phase < CHAIN_PHASES; phase++)
		if (collect_hooks(c, (enum coven_phase)phase)) {
			complain(list, NULL, 0, "no memory");
			rc = -1;
		}
	for (size_t i = 0; i < c->count; i++) {
		const struct plug *p = c->plugs[i];

		rc |= check_needs(c, p, p->table->needs, true, list);
		rc |= check_needs(c, p, p->table->wants, false, list);
	}
	collect_sources(c);
	rc |= sort(c, list);
	list_methods(c);
	if (rc)
		chain_free(c);
	return rc;
}

void
chain_free(struct chain *c)
{
	for (unsigned phase = 0; phase < CHAIN_PHASES; phase++) {
		free(c->hooks[phase]);
		c->hooks[phase] = NULL;
		c->hook_count[phase] = 0;
	}
	free(c->services);
	c->services = NULL;
	c->service_count = 0;
}

/* -- for people */

const char *
chain_phase(enum coven_phase phase)
{
	switch (phase) {
	case COVEN_SCREEN: return "SCREEN";
	case COVEN_AUTH: return "AUTH";
	case COVEN_SERVE: return "SERVE";
	case COVEN_ROUTE: return "ROUTE";
	case COVEN_SEND: return "SEND";
	case COVEN_RECV: return "RECV";
	case COVEN_BRANCH_FAILED: return "BRANCH_FAILED";
	case COVEN_FAILED: return "FAILED";
	case COVEN_REPLY: return "REPLY";
	}
	return "?";
}

void
chain_print(const struct chain *c, FILE *to)
{
	for (size_t i = 0; i < c->count; i++)
		fprintf(to, "plugin %s %s %s\n", c->plugs[i]->name,
		        c->plugs[i]->table->version ? c->plugs[i]->table->version : "-", c->plugs[i]->file);
	for (unsigned phase = 1; phase < CHAIN_PHASES; phase++) {
		fprintf(to, "%-13s", chain_phase((enum coven_phase)phase));
		for (size_t i = 0; i < c->hook_count[phase]; i++) {
			const struct chain_hook *h = &c->hooks[phase][i];

			fprintf(to, " %s", h->plug->name);
			if (h->methods)
				fprintf(to, "(%s)", h->methods);
		}
		fprintf(to, "%s\n", c->hook_count[phase] ? "" : " -");
	}
	for (size_t i = 0; i < c->source_count; i++)
		fprintf(to, "%s%s%s", i ? " " : "sources       ", c->sources[i]->name, i + 1 < c->source_count ? "" : "\n");
	for (size_t i = 0; i < c->service_count; i++)
		fprintf(to, "service %s version %u by %s\n", c->services[i].name, c->services[i].service->version,
		        c->services[i].plug->name);
}
