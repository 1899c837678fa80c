/* SPDX-License-Identifier: GPL-3.0-or-later */
/* instance: one use of a plugin on one worker, as coven/plugin.h shows it. */
#include "base/random.h"
#include "base/text.h"
#include "host/host.h"
#include <stdarg.h>
#include <time.h>

const char *
coven_name(const struct coven_instance *in)
{
	return in->plug->name;
}

const void *
coven_options(const struct coven_instance *in)
{
	return in->plug->options ? option_values(in->plug->options) : NULL;
}

void *
coven_shared(const struct coven_instance *in)
{
	return in->plug->shared;
}

/* In open() only, when nothing else reads it. */
void
coven_set_shared(struct coven_instance *in, void *shared)
{
	if (!in->host)
		in->plug->shared = shared;
}

void *
coven_self(const struct coven_instance *in)
{
	return in->self;
}

void
coven_set_self(struct coven_instance *in, void *self)
{
	in->self = self;
}

unsigned
coven_worker(const struct coven_instance *in)
{
	return in->host ? in->host->worker : 0;
}

unsigned
coven_workers(const struct coven_instance *in)
{
	return in->all->workers;
}

void
coven_log(const struct coven_instance *in, enum coven_level level, const char *fmt, ...)
{
	va_list list;

	if ((int)level < COVEN_ERROR || level > COVEN_DEBUG || (int)level > (int)log_level())
		return;
	va_start(list, fmt);
	log_vline((enum log_level)level, in->plug->name, fmt, list);
	va_end(list);
}

void
coven_complain(struct coven_instance *in, const void *row, const char *name, const char *fmt, ...)
{
	struct option_place place = { .file = NULL };
	char what[512];
	va_list list;

	va_start(list, fmt);
	vsnprintf(what, sizeof what, fmt, list);
	va_end(list);
	if (in->plug->options)
		place = option_where(in->plug->options, row, name);
	if (in->all->complaints)
		complain(in->all->complaints, place.file ? place.file : in->plug->name, place.line, "%s", what);
	else
		log_line(LOG_LEVEL_ERROR, in->plug->name, "%s", what);
}

const char *
coven_data_dir(const struct coven_instance *in)
{
	return in->all->data_dir;
}

void *
coven_before(const struct coven_instance *in)
{
	return in->plug->before ? in->plug->before->shared : NULL;
}

bool
coven_only_checking(const struct coven_instance *in)
{
	return in->all->only_checking;
}

/* -- ourselves */

static const struct self *
self_of(const struct coven_instance *in)
{
	return in->host ? host_edition(in->host)->self : in->edition->self;
}

bool
coven_is_domain(const struct coven_instance *in, struct coven_slice host)
{
	return self_is_domain(self_of(in), host);
}

bool
coven_is_self(const struct coven_instance *in, struct coven_slice host, uint16_t port)
{
	return self_is_us(self_of(in), host, port);
}

struct coven_slice
coven_first_domain(const struct coven_instance *in)
{
	return self_first_domain(self_of(in));
}

/* -- time */

int64_t
coven_now_ms(const struct coven_instance *in)
{
	return in->host ? loop_now(in->host->loop) : 0;
}

int64_t
coven_wall_ms(const struct coven_instance *in)
{
	return in->host ? loop_wall(in->host->loop) : (int64_t)time(NULL) * 1000;
}

void
coven_random(void *room, size_t length)
{
	random_bytes(room, length);
}
