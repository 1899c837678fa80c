/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line of a control client: it is read, the server's own commands are run with its words, and what comes out is one
 * line.  The same bytes are a message that is traced: blanked, and nothing else of it changes. */
#include "host/command_line.h"
#include "base/text.h"
#include "host/tenure.h"
#include "host/trace.h"
#include "host/trace_blank.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char message[] = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
                              "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: 1\r\n"
                              "CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

static void
done(void *arg, struct coven_out *out)
{
	size_t length;
	char *line = out_line(out, &length);

	if (line)
		assert(length && line[length - 1] == '\n' && memchr(line, '\n', length) == line + length - 1);
	free(line);
	*(bool *)arg = true;
}

static void
stop(void *arg)
{
}

/* Without workers: what asks them is left out. */
static void
run(const struct command_line *c)
{
	static struct net_shared *net;
	struct host_shared all = { .workers = 0 };
	struct edition edition = { .all = &all };
	struct tenure tenure = { .edition = &edition };
	struct host host = { .all = &all, .tenure = &tenure };
	struct command_server server = { .all = &all, .stop = stop };
	bool ended = false;
	struct coven_out *out;

	if (c->count && (text_is(c->words[0], "status") || text_is(c->words[0], "log")))
		return;
	if (!net)
		net = net_shared_new(NULL, 0, 1);
	host_shared_open(&all);
	list_append(&all.editions, &edition.link);
	all.net = net;
	all.hosts[0] = &host;
	out = out_new(done, &ended);
	assert(net && out);
	command_run(&server, out, c->count, c->words);
	if (!ended)
		out_enough(out);
	assert(ended);
	pthread_mutex_destroy(&all.lookout.lock);
}

static void
filter(const struct command_line *c)
{
	static const struct coven_address peer = { .ip = { 192, 0, 2, 1 }, .port = 5060, .family = 4 };
	struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault;
	struct trace_filter f;
	int good = sip_scan(&m, message, sizeof message - 1, false, &scratch, &fault);

	assert(good == 0);
	if (trace_filter_read(&f, c->count, c->words) == 0 && !trace_filter_fits(&f, &m, &peer))
		assert(c->count);
}

static void
blank(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	assert(copy);
	if (size)
		memcpy(copy, data, size);
	trace_blank(copy, size);
	for (size_t i = 0; i < size; i++)
		assert(copy[i] == (char)data[i] || copy[i] == '*');
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command_line c;

	blank(data, size);
	if (command_line_read(&c, (const char *)data, size) != NULL)
		return 0;
	filter(&c);
	run(&c);
	command_line_free(&c);
	return 0;
}
