/* SPDX-License-Identifier: GPL-3.0-or-later */
/* asker -- asks the service "resolver" as plugins do, many questions at once, and says what came of it:
 * "covenctl asker PREFIX SUFFIX COUNT [WINDOW]" for PREFIX1SUFFIX, PREFIX2SUFFIX ... (a "#" in PREFIX stands for the number),
 * "covenctl asker records NAME TYPE". */
#include <coven/resolver.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GAP_MS 1
#define AT_ONCE 20 /* questions in one turn of the loop */

struct asking {
	struct coven_out *out;
	char prefix[100], suffix[100];
	unsigned count, window, asked, answered, results[6];
	unsigned hops, secure, sizes;
	int64_t began_ns, worst_ns, worst_at_ns, seen_ns, retry_ms;
	char why[200];
	bool pausing;
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
look_at_gap(struct coven_instance *in, void *arg)
{
	struct asking *a = coven_self(in);
	int64_t now = now_ns();

	if (!a)
		return;
	if (now - a->seen_ns > a->worst_ns) {
		a->worst_ns = now - a->seen_ns;
		a->worst_at_ns = now - a->began_ns;
	}
	a->seen_ns = now;
	coven_after(in, GAP_MS, look_at_gap, NULL);
}

static void
end(struct coven_instance *in, struct asking *a)
{
	static const char *const names[] = { "resolved", "none", "no_service", "bogus", "down", "busy" };
	int64_t ns = now_ns() - a->began_ns;

	coven_set_self(in, NULL);
	coven_row(a->out);
	for (size_t i = 0; i < 6; i++)
		coven_put_number(a->out, names[i], a->results[i]);
	coven_put_number(a->out, "hops", a->hops);
	coven_put_number(a->out, "secure", a->secure);
	coven_put_number(a->out, "us", ns / 1000);
	coven_put_number(a->out, "a_second", ns ? (int64_t)a->count * 1000000000 / ns : 0);
	coven_put_number(a->out, "worst_gap_us", a->worst_ns / 1000);
	coven_put_number(a->out, "worst_gap_at_us", a->worst_at_ns / 1000);
	coven_put_number(a->out, "retry_ms", a->retry_ms);
	coven_put_text(a->out, "why", coven_text(a->why));
	coven_end(a->out, 0);
	free(a);
}

static void answered(struct coven_instance *in, uint64_t tag, int result, const struct coven_hops *hops);

static void
ask(struct coven_instance *in, void *arg)
{
	struct asking *a = coven_self(in);
	struct coven_question q = { .size = sizeof q };
	const char *mark = a ? strchr(a->prefix, '#') : NULL;
	unsigned once = 0;
	char host[300];

	if (a)
		a->pausing = false;
	while (a && a->asked < a->count && a->asked - a->answered < a->window) {
		if (once++ == AT_ONCE) {
			a->pausing = coven_after(in, 0, ask, NULL) != 0;
			return;
		}
		a->asked++;
		if (mark)
			snprintf(host, sizeof host, "%.*s%u%s%s", (int)(mark - a->prefix), a->prefix, a->asked, mark + 1, a->suffix);
		else
			snprintf(host, sizeof host, "%s%s", a->prefix, a->suffix);
		q.host = coven_text(host);
		coven_resolve(in, &q, answered, a->asked);
	}
}

static void
answered(struct coven_instance *in, uint64_t tag, int result, const struct coven_hops *hops)
{
	struct asking *a = coven_self(in);

	a->answered++;
	a->results[result]++;
	a->hops += (unsigned)hops->count;
	for (size_t i = 0; i < hops->count; i++)
		a->secure += coven_hop_at(hops, i)->proof == COVEN_SECURE;
	if (hops->retry_ms)
		a->retry_ms = hops->retry_ms;
	if (result != COVEN_RESOLVED && hops->why.length)
		snprintf(a->why, sizeof a->why, "%.*s", (int)hops->why.length, hops->why.at);
	if (a->answered == a->count)
		end(in, a);
	else if (!a->pausing)
		ask(in, NULL);
}

static void
begin(struct coven_instance *in, void *arg)
{
	struct asking *a = arg;

	coven_set_self(in, a);
	a->began_ns = a->seen_ns = now_ns();
	look_at_gap(in, NULL);
	ask(in, NULL);
}

static void
got_records(struct coven_instance *in, uint64_t tag, int result, const struct coven_rrset *set)
{
	struct coven_out *out = (struct coven_out *)(uintptr_t)tag;

	coven_row(out);
	coven_put_number(out, "result", result);
	coven_put_number(out, "count", (int64_t)set->count);
	coven_put_number(out, "proof", set->proof);
	coven_put_text(out, "name", set->name);
	coven_put_text(out, "why", set->why);
	coven_end(out, 0);
}

struct record_question { struct coven_out *out; char name[300]; uint16_t type; };

static void
begin_records(struct coven_instance *in, void *arg)
{
	struct record_question *q = arg;

	coven_resolve_records(in, coven_text(q->name), q->type, got_records, (uint64_t)(uintptr_t)q->out);
	free(q);
}

static unsigned
number(struct coven_slice word)
{
	char text[12];

	snprintf(text, sizeof text, "%.*s", (int)word.length, word.at);
	return (unsigned)strtoul(text, NULL, 10);
}

static enum coven_verdict
command(struct coven_instance *in, struct coven_out *out, size_t count, const struct coven_slice *words)
{
	struct asking *a;

	if (count == 3 && coven_is(words[0], "records")) {
		struct record_question *q = calloc(1, sizeof *q);

		if (!q)
			return COVEN_FAIL;
		q->out = out;
		q->type = (uint16_t)number(words[2]);
		snprintf(q->name, sizeof q->name, "%.*s", (int)words[1].length, words[1].at);
		return coven_call_worker(in, coven_worker(in), begin_records, q) == 0 ? COVEN_WAIT : COVEN_FAIL;
	}
	if (count < 3 || count > 4 || coven_self(in))
		return COVEN_NEXT;
	a = calloc(1, sizeof *a);
	if (!a)
		return COVEN_FAIL;
	a->out = out;
	snprintf(a->prefix, sizeof a->prefix, "%.*s", (int)words[0].length, words[0].at);
	snprintf(a->suffix, sizeof a->suffix, "%.*s", (int)words[1].length, words[1].at);
	a->count = number(words[2]);
	a->window = count == 4 ? number(words[3]) : a->count;
	return coven_call_worker(in, coven_worker(in), begin, a) == 0 ? COVEN_WAIT : COVEN_FAIL;
}

static void
stop(struct coven_instance *in)
{
	free(coven_self(in));
	coven_set_self(in, NULL);
}

static const struct coven_need needs[] = { { "resolver", COVEN_RESOLVER_VERSION }, { NULL, 0 } };
static const struct coven_command commands[] = { { "asker", "PREFIX SUFFIX COUNT [WINDOW]", "asks", command },
	                                         { NULL, NULL, NULL, NULL } };

COVEN_PLUGIN(.name = "asker", .version = "1", .summary = "asks the resolver", .commands = commands, .needs = needs,
             .stop = stop);
