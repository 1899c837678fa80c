/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as people write them are checked and spelled out. */
#include "name.h"

#include <string.h>

/* RFC 3261 user part without escapes and without ':', which digests cannot have. */
static const char *
user_fault(struct coven_slice user)
{
	static const char more[] = "-_.!~*'()&=+$,;?/";

	if (user.length == 0)
		return "has no user part";
	if (user.length > NAME_USER_MAX)
		return "is longer than 128 bytes";
	for (size_t i = 0; i < user.length; i++) {
		char c = user.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');

		if (!plain && (c == '\0' || !strchr(more, c)))
			return "has a character that is in no user name";
	}
	return NULL;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *
name_spell(const struct coven_instance *in, struct coven_slice name,
	   struct coven_slice home, char room[NAME_AOR_MAX], struct coven_slice *aor)
{
	const char *at = name.length ? memchr(name.at, '@', name.length) : NULL, *fault;
	struct coven_slice user = { name.at, at ? (size_t)(at - name.at) : name.length };
	struct coven_slice domain = home;
	char *to = room;

	if (at)
		domain = (struct coven_slice){ at + 1, name.length - user.length - 1 };
	if (domain.length > 1 && domain.at[domain.length - 1] == '.')
		domain.length--; /* a name at the root is the same name */
	fault = user_fault(user);
	if (!fault && (domain.length == 0 || domain.length > NAME_DOMAIN_MAX ||
		       !coven_is_domain(in, domain)))
		fault = "is not in a domain of ours";
	if (fault)
		return fault;
	memcpy(to, NAME_SCHEME, NAME_SCHEME_BYTES);
	to += NAME_SCHEME_BYTES;
	memcpy(to, user.at, user.length);
	to += user.length;
	*to++ = '@';
	for (size_t i = 0; i < domain.length; i++)
		*to++ = lower(domain.at[i]);
	*aor = (struct coven_slice){ room, (size_t)(to - room) };
	return NULL;
}

struct coven_slice
name_long(struct coven_slice aor)
{
	return (struct coven_slice){ aor.at + NAME_SCHEME_BYTES,
				     aor.length - NAME_SCHEME_BYTES };
}

struct coven_slice
name_user(struct coven_slice aor)
{
	struct coven_slice whole = name_long(aor);
	const char *at = memchr(whole.at, '@', whole.length);

	return (struct coven_slice){ whole.at,
				     at ? (size_t)(at - whole.at) : whole.length };
}

struct coven_slice
name_domain(struct coven_slice aor)
{
	const char *at = memchr(aor.at, '@', aor.length);

	if (!at)
		return (struct coven_slice){ NULL, 0 };
	return (struct coven_slice){ at + 1, aor.length - (size_t)(at + 1 - aor.at) };
}
