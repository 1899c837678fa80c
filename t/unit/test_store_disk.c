/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of store-lmdb: written, read back, grown, refused when it is not what it should
 * be, and read page by page when it is damaged. */
#include "../../plugins/store-lmdb/mend.h"
#include "../../plugins/store-lmdb/pages.h"
#include "../../plugins/store-lmdb/place.h"
#include "../tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define MANY 3000
#define CUTS 200

static const uint64_t seed[2] = { 1, 2 };
static char folder[64] = "/tmp/coven-disk-XXXXXX", why[DISK_WHY], path[PLACE_MAX];

static struct stock
stock(void)
{
	return (struct stock){ .book = book_new(seed), .shelf = shelf_new(3, 256 << 20) };
}

static void
unstock(struct stock *s)
{
	book_free(s->book);
	shelf_free(s->shelf);
}

static void
add_user(struct bundle *b, unsigned number, int64_t expires_ms)
{
	char name[40], contact[60];
	struct coven_binding one = { .size = sizeof one,
				     .cseq = number,
				     .q = 1000,
				     .call_id = S("call@phone"),
				     .expires_ms = expires_ms };
	struct binding *list[1];

	snprintf(name, sizeof name, "sip:u%u@example.com", number);
	snprintf(contact, sizeof contact, "sip:u%u@192.0.2.1:5060", number);
	one.contact = S(contact);
	one.flow.word[4] = number;
	list[0] = binding_new(&one, (struct binding_clock){ 0, 0 });
	mend_put_aor(b, (struct binding_clock){ 0, 0 }, S(name), number + 1, list, 1);
	free(list[0]);
}

static void
add_record(struct bundle *b, const char *key, size_t size)
{
	static char value[COVEN_TABLE_VALUE_MAX];
	struct coven_record r = { .size = sizeof r,
				  .key = S(key),
				  .value = { value, size },
				  .version = 9 };

	memset(value, 'v', sizeof value);
	mend_put_record(b, S("t"), &r);
}

static void
fresh(void)
{
	struct stat st;

	ok(disk_make(folder, why) == 0, "a folder is filled");
	ok(disk_make(folder, why) == 0, "and left alone the next time");
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "its file is ours alone");
	ok(disk_owned(folder, why) == 0, "which is seen");
	ok(disk_check(folder, why) == 0, "it is what it should be");
	chmod(path, 0644);
	ok(disk_owned(folder, why) != 0 && strstr(why, "mode 0644"), "others may read it: %s",
	   why);
	chmod(path, 0600);
}

static void
there_and_back(void)
{
	struct disk *d = disk_open(folder, (size_t)1 << 30, why);
	struct bundle *b = bundle_new();
	struct stock back = stock();
	struct mend_sum sum = { 0, 0, 0, 0 };
	struct copy copy = { NULL, NULL };
	struct coven_bindings shown;

	ok(d != NULL, "opened");
	ok(disk_open(folder, 1 << 30, why) == NULL && strstr(why, "in use"),
	   "not twice: %s", why);
	for (unsigned i = 0; i < MANY; i++)
		add_user(b, i, 1000000);
	add_record(b, "key", 10);
	add_record(b, "big", 60000);
	is_int(disk_write(d, b), 0, "written");
	bundle_reset(b);
	bundle_add(b, (struct coven_slice){ "bsip:u5@example.com", 19 }, 0);
	is_int(disk_write(d, b), 0, "one is taken away");
	disk_write_about(d, 5000);
	is_int(mend_load(d, &back, &sum), 0, "read back");
	is_int((int)sum.users, MANY - 1, "all users");
	is_int((int)sum.records, 2, "and records");
	ok(sum.versions == 5000 && book_version(back.book) == 5000, "and versions");
	is_int(book_find(back.book, (struct binding_clock){ 0, 0 },
			 S("sip:u77@example.com"), &copy, &shown),
	       COVEN_STORE_OK, "one of them");
	ok(coven_binding_at(&shown, 0)->flow.word[4] == 77 &&
		   coven_binding_at(&shown, 0)->cseq == 77,
	   "as it was");
	copy_free(&copy);
	unstock(&back);
	bundle_done(b);
	disk_close(d);
	ok(disk_check(folder, why) == 0, "the file is what it should be");
}

static void
grows(void)
{
	struct disk *d = disk_open(folder, DISK_MAP_FIRST, why);
	struct bundle *b = bundle_new();
	int rc = 0, rounds = 0;
	char key[32];

	while (!rc && rounds < 100) {
		for (int i = 0; i < 20; i++) {
			snprintf(key, sizeof key, "%d-%d", rounds, i);
			add_record(b, key, 60000);
		}
		rc = disk_write(d, b);
		bundle_reset(b);
		rounds++;
	}
	ok(rc != 0, "16 MiB are full one day: %s", disk_error(rc));
	disk_limit(d, (size_t)1 << 30);
	for (; rounds < 40; rounds++) {
		snprintf(key, sizeof key, "%d", rounds);
		add_record(b, key, 60000);
	}
	is_int(disk_write(d, b), 0, "the map grows as far as it may");
	ok(place_size(path) > DISK_MAP_FIRST, "and the file");
	disk_close(d);
	d = disk_open(folder, 1 << 20, why);
	ok(d != NULL, "a file that is larger than it may be can be opened");
	if (d)
		disk_close(d);
	bundle_done(b);
}

static void
put_file(const char *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(write(fd, bytes, length) == (ssize_t)length, "a file");
	close(fd);
}

static void
refused(void)
{
	static char zeros[20000];
	struct bundle *b = bundle_new();
	struct disk *d;

	put_file("", 0);
	ok(disk_check(folder, why) != 0, "an empty file: %s", why);
	put_file(zeros, sizeof zeros);
	ok(disk_check(folder, why) != 0 && strstr(why, "not a store"), "zeros: %s", why);
	put_file("hello\n", 6);
	ok(disk_check(folder, why) != 0 && strstr(why, "not a store"), "a text: %s", why);
	unlink(path);
	ok(disk_check(folder, why) != 0, "none: %s", why);
	disk_make(folder, why);
	d = disk_open(folder, 1 << 30, why);
	add_record(b, "a", 10);
	b->bytes[b->used - 10 - NOTE_HEAD - 16] = NOTE_FORMAT + 1;
	disk_write(d, b);
	disk_close(d);
	ok(disk_check(folder, why) != 0 && strstr(why, "newer"), "a newer one: %s", why);
	bundle_done(b);
}

static void
count(void *arg, struct coven_slice key, struct coven_slice value)
{
	struct note note;

	if (note_read(&note, key, value) != NOTE_GOOD)
		return;
	note_free(&note);
	++*(size_t *)arg;
}

static size_t
readable(size_t *lost)
{
	int fd = open(path, O_RDONLY);
	struct pages *p = pages_open(fd);
	size_t seen = 0;

	*lost = 1;
	if (p) {
		*lost = pages_walk(p, count, &seen);
		pages_free(p);
	}
	close(fd);
	return seen;
}

/* Whatever is cut off: it is refused, or nothing is missing. */
static void
cut(void)
{
	struct bundle *b = bundle_new();
	struct disk *d;
	char *whole;
	size_t size, lost, wrong = 0, saved = 0;
	int fd;

	unlink(path);
	disk_make(folder, why);
	d = disk_open(folder, 1 << 30, why);
	for (unsigned i = 0; i < MANY; i++)
		add_user(b, i, 1000000);
	add_record(b, "big", 60000);
	disk_write(d, b);
	disk_close(d);
	bundle_done(b);
	is_int((int)readable(&lost), MANY + 2, "page by page all is seen");
	is_int((int)lost, 0, "and nothing is missed");
	size = place_size(path);
	whole = malloc(size);
	fd = open(path, O_RDWR);
	ok(read(fd, whole, size) == (ssize_t)size, "read whole");
	for (size_t i = 0; i < CUTS; i++) {
		size_t at = size * i / CUTS;
		size_t seen;

		ok(ftruncate(fd, (off_t)at) == 0, "cut at %zu", at);
		seen = readable(&lost);
		saved += seen;
		if (disk_check(folder, why) == 0 && (seen != MANY + 2 || lost))
			wrong++;
		ok(pwrite(fd, whole, size, 0) == (ssize_t)size, "and healed");
	}
	is_int((int)wrong, 0, "none was taken that had lost something");
	ok(saved > MANY * CUTS / 4, "and much could be read (%zu of %d)", saved, MANY * CUTS);
	for (size_t i = 0; i < CUTS; i++) {
		size_t at = (size_t)random() % size;
		char bad = (char)(whole[at] ^ (1 << i % 8));

		ok(pwrite(fd, &bad, 1, (off_t)at) == 1, "a bit turned at %zu", at);
		disk_check(folder, why);
		readable(&lost);
		ok(pwrite(fd, whole + at, 1, (off_t)at) == 1, "and back");
	}
	ok(disk_check(folder, why) == 0, "it is whole again");
	free(whole);
	close(fd);
}

int
main(void)
{
	if (!mkdtemp(folder) || place_path(path, folder, DISK_FILE) != 0)
		return 1;
	fresh();
	there_and_back();
	grows();
	refused();
	cut();
	unlink(path);
	rmdir(folder);
	return done();
}
