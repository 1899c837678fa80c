/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_credentials: the functions of coven/credentials.h. */
#include "host/service.h"
#include <coven/credentials.h>

struct credentials_args {
	struct coven_slice user, realm, aor;
	uint32_t hash;
	coven_credential_fn *found;
	coven_resolve_fn *resolved;
};

static const struct coven_slice none = { NULL, 0 };

static struct call *
begin(struct coven_instance *in, uint64_t tag, struct credentials_args **args)
{
	struct call *c = call_new(in, "credentials", COVEN_CREDENTIALS_VERSION, tag, sizeof **args);

	*args = c ? c->args : NULL;
	return c;
}

static void
down(struct call *c)
{
	struct credentials_args *a = c->args;

	if (a->found)
		a->found(c->caller, c->tag, COVEN_CREDENTIALS_DOWN, NULL);
	else
		a->resolved(c->caller, c->tag, COVEN_CREDENTIALS_DOWN, none);
}

static void
make_find(struct call *c)
{
	const struct coven_credentials *ops = c->ops;
	struct credentials_args *a = c->args;

	ops->find(c->provider, c->name, a->user, a->realm, a->hash);
}

static void
make_resolve(struct call *c)
{
	const struct coven_credentials *ops = c->ops;
	struct credentials_args *a = c->args;

	ops->resolve(c->provider, c->name, a->aor);
}

void
coven_credentials_find(struct coven_instance *in, struct coven_slice user, struct coven_slice realm, uint32_t hash,
                       coven_credential_fn *done, uint64_t tag)
{
	struct credentials_args *a;
	struct call *c = begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_CREDENTIALS_DOWN, NULL);
		return;
	}
	*a = (struct credentials_args){ .user = arena_dup(c->arena, user), .realm = arena_dup(c->arena, realm),
	                                .hash = hash, .found = done };
	call_start(c, make_find, down);
}

void
coven_credentials_resolve(struct coven_instance *in, struct coven_slice aor, coven_resolve_fn *done, uint64_t tag)
{
	struct credentials_args *a;
	struct call *c = begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_CREDENTIALS_DOWN, none);
		return;
	}
	*a = (struct credentials_args){ .aor = arena_dup(c->arena, aor), .resolved = done };
	call_start(c, make_resolve, down);
}

void
coven_credentials_answer(struct coven_instance *in, coven_call call, int result,
                         const struct coven_credential *found)
{
	struct call *c = call_take(in, call);
	struct credentials_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->found)
		a->found(c->caller, c->tag, result, found);
	call_free(c);
}

void
coven_credentials_answer_aor(struct coven_instance *in, coven_call call, int result, struct coven_slice aor)
{
	struct call *c = call_take(in, call);
	struct credentials_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->resolved)
		a->resolved(c->caller, c->tag, result, aor);
	call_free(c);
}
