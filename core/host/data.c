/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data: memory and pointers that die with a request. */
#include "host/data.h"
#include <stdarg.h>

#define DATA_MAX (256 * 1024) /* bytes that plugins may be given for one request; the message itself may be larger */

/* False: they have enough. */
static bool
spend(struct coven_request *req, size_t size)
{
	struct host_request *hr = req->host;

	if (!hr || size > DATA_MAX || hr->data_given > DATA_MAX)
		return false;
	hr->data_given += size;
	return true;
}

void *
coven_alloc(struct coven_request *req, size_t size)
{
	if (!spend(req, size))
		return NULL;
	return arena_zero(req->arena, size);
}

struct coven_slice
coven_print(struct coven_request *req, const char *fmt, ...)
{
	struct coven_slice s = { NULL, 0 };
	va_list list;

	if (!spend(req, 0))
		return s;
	va_start(list, fmt);
	s = arena_vprint(req->arena, fmt, list);
	va_end(list);
	spend(req, s.length);
	return s;
}

static struct host_data *
find(const struct coven_request *req, const struct plug *plug)
{
	const struct host_request *hr = req->host;

	for (struct host_data *d = hr->data; d; d = d->next)
		if (d->plug == plug)
			return d;
	return NULL;
}

void *
coven_data(const struct coven_request *req, const struct coven_instance *in)
{
	struct host_data *d = find(req, in->plug);

	return d ? d->data : NULL;
}

int
coven_set_data(struct coven_request *req, struct coven_instance *in, void *data, void (*destroy)(void *data))
{
	struct host_request *hr = req->host;
	struct host_data *d = find(req, in->plug);

	if (d && d->destroy && d->data != data)
		d->destroy(d->data);
	if (!d) {
		d = arena_zero(req->arena, sizeof *d);
		if (!d) {
			if (destroy)
				destroy(data); /* taken, even then */
			return -1;
		}
		d->plug = in->plug;
		d->next = hr->data;
		hr->data = d;
	}
	d->data = data;
	d->destroy = destroy;
	return 0;
}

void
data_destroy(struct host_request *hr)
{
	for (struct host_data *d = hr->data; d; d = d->next)
		if (d->destroy)
			d->destroy(d->data);
	hr->data = NULL;
}
