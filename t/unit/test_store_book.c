/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book of the stores: rules of an update, ends, a scan that survives changes, and a
 * keeper that is asked first. */
#include "../../plugins/store/book.h"
#include "../tap.h"

#include <stdlib.h>

#define S(text) ((struct coven_slice){ (text), strlen(text) })

static const uint64_t seed[2] = { 1, 2 };

struct desk {
	struct book *book;
	struct keeper *keep;
	struct copy copy;
	struct binding_clock clock;
	struct coven_bindings shown;
};

static struct coven_binding
device(const char *contact, const char *call_id, uint32_t cseq, int64_t until_ms)
{
	return (struct coven_binding){ .size = sizeof(struct coven_binding),
				       .cseq = cseq,
				       .q = 1000,
				       .contact = S(contact),
				       .call_id = S(call_id),
				       .expires_ms = until_ms };
}

static int
update(struct desk *d, const char *aor, uint32_t kind, struct coven_binding b,
       uint32_t most)
{
	struct coven_change change = { kind, &b };
	struct coven_limits limits = { .size = sizeof limits, .bindings = most };

	copy_reset(&d->copy);
	return book_update(d->book, d->keep, d->clock, S(aor), &change, 1, &limits, &d->copy,
			   &d->shown);
}

static int
find(struct desk *d, const char *aor)
{
	copy_reset(&d->copy);
	return book_find(d->book, d->clock, S(aor), &d->copy, &d->shown);
}

static const char *
contact_at(const struct desk *d, size_t at)
{
	static char room[100];
	struct coven_slice contact = coven_binding_at(&d->shown, at)->contact;

	snprintf(room, sizeof room, "%.*s", (int)contact.length, contact.at);
	return room;
}

static void
rules(struct desk *d)
{
	uint64_t version;

	is_int(find(d, "sip:a@x"), COVEN_STORE_NONE, "nobody yet");
	is_int(update(d, "sip:a@x", COVEN_BIND, device("sip:a@h1", "c1", 5, 61000), 2),
	       COVEN_STORE_OK, "a first device");
	is_int((int)d->shown.count, 1, "is shown");
	version = d->shown.version;
	is_int(update(d, "sip:a@x", COVEN_BIND, device("sip:a@h1", "c1", 5, 61000), 2),
	       COVEN_STORE_STALE, "the same CSeq again");
	is_int(update(d, "sip:a@x", COVEN_BIND, device("sip:a@H1", "c1", 6, 71000), 2),
	       COVEN_STORE_OK, "a higher one, and the host in capitals");
	is_int((int)d->shown.count, 1, "is the same device");
	is_text(contact_at(d, 0), "sip:a@H1", "as written last");
	ok(d->shown.version > version, "the version has grown");
	is_int((int)coven_binding_at(&d->shown, 0)->expires_ms, 71000,
	       "it ends when it said");
	is_int(update(d, "sip:a@x", COVEN_BIND, device("sip:a@h2", "c2", 1, 61000), 2),
	       COVEN_STORE_OK, "a second device");
	is_int(update(d, "sip:a@x", COVEN_BIND, device("sip:a@h3", "c3", 1, 61000), 2),
	       COVEN_STORE_FULL, "no third one");
	is_int((int)d->shown.count, 2, "nothing has changed");
	is_int(update(d, "sip:a@x", COVEN_UNBIND_ALL, device("", "c1", 6, 0), 2),
	       COVEN_STORE_STALE, "all away with an old CSeq");
	is_int(update(d, "sip:a@x", COVEN_UNBIND, device("sip:a@h2", "c2", 2, 0), 2),
	       COVEN_STORE_OK, "one away");
	is_text(contact_at(d, 0), "sip:a@H1", "the other stays");
	is_int(update(d, "sip:a@x", COVEN_UNBIND_ALL, device("", "c9", 1, 0), 2),
	       COVEN_STORE_OK, "all away");
	is_int((int)d->shown.count, 0, "none is left");
	is_int((int)book_count(d->book).aors, 0, "nor is the AoR");
}

static void
identity(struct desk *d)
{
	struct coven_binding one = device("sip:a@10.0.0.1", "i1", 1, 61000), two = one;
	struct coven_change twice[2] = { { COVEN_BIND, &one }, { COVEN_BIND, &one } };

	one.instance = S("<urn:uuid:1>");
	two.instance = S("<urn:uuid:2>");
	one.reg_id = two.reg_id = 1;
	update(d, "sip:i@x", COVEN_BIND, one, 10);
	update(d, "sip:i@x", COVEN_BIND, two, 10);
	is_int((int)d->shown.count, 2, "equal contacts of two instances are two devices");
	one.contact = S("sip:a@10.0.0.7");
	one.cseq = 2;
	update(d, "sip:i@x", COVEN_BIND, one, 10);
	is_int((int)d->shown.count, 2, "an instance moves");
	is_text(contact_at(d, 0), "sip:a@10.0.0.7", "and keeps its place");
	one.cseq = 3;
	copy_reset(&d->copy);
	is_int(book_update(d->book, d->keep, d->clock, S("sip:i@x"), twice, 2, NULL, &d->copy,
			   &d->shown),
	       COVEN_STORE_OK, "the same contact twice in a request is not stale");
	is_int((int)d->shown.count, 2, "and is one");
}

static void
atomic(struct desk *d)
{
	struct coven_binding good = device("sip:t@h1", "t1", 1, 61000);
	struct coven_binding next = device("sip:t@h2", "t2", 1, 61000);
	struct coven_change changes[2] = { { COVEN_BIND, &next },
					   { COVEN_UNBIND, &good } };
	struct coven_limits limits = { .size = sizeof limits,
				       .bindings = 1,
				       .replace_oldest = true };

	update(d, "sip:t@x", COVEN_BIND, good, 10);
	copy_reset(&d->copy);
	is_int(book_update(d->book, d->keep, d->clock, S("sip:t@x"), changes, 2, NULL, &d->copy,
			   &d->shown),
	       COVEN_STORE_STALE, "the second change is stale");
	is_int((int)d->shown.count, 1, "so the first has not happened either");
	is_text(contact_at(d, 0), "sip:t@h1", "the old one is there");
	copy_reset(&d->copy);
	is_int(book_update(d->book, d->keep, d->clock, S("sip:t@x"), changes, 1, &limits, &d->copy,
			   &d->shown),
	       COVEN_STORE_OK, "the oldest gives way where that is wished");
	is_text(contact_at(d, 0), "sip:t@h2", "to the new one");
}

static void
count_notice(void *arg, struct coven_slice aor, size_t count)
{
	int *notices = arg;

	notices[0]++;
	notices[1] += (int)count;
}

static void
expire(struct desk *d, int64_t now_ms, int notices[2])
{
	book_expire(d->book, d->keep, (struct binding_clock){ now_ms, 0 }, count_notice,
		    notices);
}

static void
ends(struct desk *d)
{
	int notices[2] = { 0, 0 };

	d->clock = (struct binding_clock){ 5000, 1005000 };
	update(d, "sip:e@x", COVEN_BIND, device("sip:e@h1", "e1", 1, 1008500), 10);
	update(d, "sip:e@x", COVEN_BIND, device("sip:e@h2", "e2", 1, 1008500), 10);
	update(d, "sip:e@x", COVEN_BIND, device("sip:e@h3", "e3", 1, 9005000), 10);
	d->clock.now_ms += 3500;
	d->clock.wall_ms += 100000; /* somebody set the clock */
	is_int(find(d, "sip:e@x"), COVEN_STORE_OK, "some have ended");
	is_int((int)d->shown.count, 1,
	       "and are not shown though nobody has removed them");
	expire(d, 8999, notices);
	is_int(notices[0], 0, "their second has not come");
	expire(d, 9000, notices);
	is_int(notices[0], 1, "one notice for both");
	is_int(notices[1], 1, "one binding is left");
	expire(d, 8004999, notices);
	is_int(notices[0], 1, "not before its time, after many turns of the wheel");
	expire(d, 8005000, notices);
	is_int(notices[0], 2, "then that, too");
}

static size_t
scan_all(struct desk *d, size_t at_most, bool disturb, size_t *pages)
{
	struct coven_slice cursor = { NULL, 0 };
	char kept[200];
	size_t seen = 0;

	for (*pages = 0; *pages < 10000; ++*pages) {
		struct book_page page;
		char extra[40];

		copy_reset(&d->copy);
		if (book_scan(d->book, d->clock, cursor, at_most, &d->copy, &page) != 0)
			return 0;
		for (size_t i = 0; i < page.count; i++)
			seen += page.lists[i].aor.at[4] == 's';
		if (page.count > at_most)
			return 0;
		if (!page.cursor.length)
			return seen;
		memcpy(kept, page.cursor.at, page.cursor.length);
		cursor = (struct coven_slice){ kept, page.cursor.length };
		if (!disturb || *pages > 100)
			continue;
		for (int i = 0; i < 60; i++) {
			snprintf(extra, sizeof extra, "sip:z%zu-%d@x", *pages, i);
			update(d, extra, COVEN_BIND,
			       device("sip:z@h", "z", 1, 9000000000), 10);
		}
	}
	return 0;
}

static void
scans(void)
{
	struct desk d = { .book = book_new(seed), .clock = { 0, 0 } };
	size_t pages;

	for (int i = 0; i < 3000; i++) {
		char aor[40];

		snprintf(aor, sizeof aor, "sip:s%d@x", i);
		update(&d, aor, COVEN_BIND, device("sip:s@h", "s", 1, 9000000000), 10);
	}
	is_int((int)book_count(d.book).bindings, 3000, "three thousand users");
	is_int((int)scan_all(&d, 100, false, &pages), 3000, "a scan sees each once");
	is_int((int)pages, 30, "in pages of a hundred");
	is_int((int)scan_all(&d, 7, true, &pages), 3000,
	       "each once, too, while the tables grow under it");
	copy_free(&d.copy);
	book_free(d.book);
}

/* A keeper that counts, and refuses when it is told to. */
struct witness {
	struct keeper keeper;
	int result, calls;
	size_t count;
	uint64_t version;
};

static int
witness(struct keeper *k, struct binding_clock clock, struct coven_slice aor,
	uint64_t version, struct binding *const *list, size_t count)
{
	struct witness *w = (struct witness *)k;

	w->calls++;
	w->count = count;
	w->version = version;
	return w->result;
}

static void
kept(void)
{
	struct witness w = { .keeper = { .aor = witness } };
	struct desk d = { .book = book_new(seed), .keep = &w.keeper, .clock = { 0, 0 } };
	int notices[2] = { 0, 0 };

	update(&d, "sip:k@x", COVEN_BIND, device("sip:k@h1", "k1", 1, 61000), 10);
	is_int(w.calls, 1, "a change is told to the keeper");
	is_int((int)w.count, 1, "with all that the AoR will have");
	ok(w.version == d.shown.version, "and the version that it will have");
	update(&d, "sip:k@x", COVEN_BIND, device("sip:k@h1", "k1", 1, 61000), 10);
	is_int(w.calls, 1, "what is stale is not told");
	copy_reset(&d.copy);
	book_update(d.book, d.keep, d.clock, S("sip:k@x"), NULL, 0, NULL, &d.copy,
		    &d.shown);
	is_int(w.calls, 1, "nor is a question");
	w.result = COVEN_STORE_REFUSED;
	is_int(update(&d, "sip:k@x", COVEN_UNBIND_ALL, device("", "k9", 1, 0), 10),
	       COVEN_STORE_REFUSED, "what the keeper refuses");
	is_int((int)d.shown.count, 1, "has not happened");
	is_int(update(&d, "sip:new@x", COVEN_BIND, device("sip:n@h1", "n", 1, 61000), 10),
	       COVEN_STORE_REFUSED, "nor to an AoR that was not there");
	is_int((int)book_count(d.book).aors, 1, "which is not there now");
	expire(&d, 70000, notices);
	is_int((int)book_count(d.book).aors, 0, "but an end cannot be refused");
	copy_free(&d.copy);
	book_free(d.book);
}

static void
returns(void)
{
	struct desk d = { .book = book_new(seed), .clock = { 0, 0 } };
	struct coven_binding two[2] = { device("sip:r@h1", "r1", 1, 50000),
					device("sip:r@h2", "r2", 1, 90000) };
	struct coven_bindings back = { .size = sizeof back,
				       .stride = sizeof two[0],
				       .version = 77,
				       .aor = S("sip:r@x"),
				       .first = two,
				       .count = 2 };
	int notices[2] = { 0, 0 };

	is_int(book_restore(d.book, d.clock, &back), 0, "two bindings come back");
	book_shift(d.book, 5000 - 60000); /* it is 60 s past, 5 s after the boot */
	d.clock = (struct binding_clock){ 5000, 60000 };
	expire(&d, 5000, notices);
	is_int(find(&d, "sip:r@x"), COVEN_STORE_OK, "one of them has ended meanwhile");
	is_text(contact_at(&d, 0), "sip:r@h2", "the other has not");
	is_int((int)coven_binding_at(&d.shown, 0)->expires_ms, 90000,
	       "and ends when it was to end");
	update(&d, "sip:r@x", COVEN_BIND, device("sip:r@h3", "r3", 1, 99000), 10);
	ok(d.shown.version > 77, "versions go on behind what came back");
	back.count = 0;
	is_int(book_restore(d.book, d.clock, &back), 0, "none come back");
	is_int(find(&d, "sip:r@x"), COVEN_STORE_NONE, "and none are there");
	copy_free(&d.copy);
	book_free(d.book);
}

int
main(void)
{
	struct desk d = { .book = book_new(seed), .clock = { 1000, 1000 } };

	rules(&d);
	identity(&d);
	atomic(&d);
	copy_free(&d.copy);
	book_free(d.book);
	d = (struct desk){ .book = book_new(seed) };
	ends(&d);
	copy_free(&d.copy);
	book_free(d.book);
	scans();
	kept();
	returns();
	return done();
}
