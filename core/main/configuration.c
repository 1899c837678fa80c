/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that runs without anything having been written first. */
#include "main/configuration.h"
#include "base/text.h"
#include <errno.h>
#include <unistd.h>

/* The domain is one that no name server answers for; phones get our address as their outbound proxy. */
static const char built_in[] = "domains = ( \"coven.internal\" );\n";

struct configuration
configuration_choose(const char *asked, const struct places *p)
{
	if (asked)
		return (struct configuration){ asked, false };
	if (p->own && (!*p->config || (access(p->config, F_OK) != 0 && errno == ENOENT)))
		return (struct configuration){ "the built-in configuration", true };
	return (struct configuration){ p->config, false };
}

struct conf *
configuration_load(const struct configuration *c, struct complaints *list)
{
	return c->built_in ? conf_parse(c->file, text_of(built_in), list) : conf_load(c->file, list);
}
