/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main() of a fuzz target built without libFuzzer: runs it over files and reports in TAP. */
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>

#include "../tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The file in a block of exactly its size, so that a sanitizer sees one byte too many. */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long length;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0) {
		rewind(file);
		*size = (size_t)length;
		bytes = malloc(*size ? *size : 1);
		if (bytes && fread(bytes, 1, *size, file) != *size) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(file);
	return bytes;
}

static int
run_file(const char *path)
{
	size_t size = 0;
	uint8_t *bytes = read_file(path, &size);

	if (!bytes) {
		printf("# %s cannot be read\n", path);
		return -1;
	}
	printf("# %s\n", path); /* the last line before a crash names the file */
	fflush(stdout);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

static int
not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
run_folder(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, not_hidden, alphasort), failed = 0;

	if (!ok(count > 0, "corpus %s has files", folder))
		return;
	for (int i = 0; i < count; i++) {
		char path[8192];

		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		failed += run_file(path) < 0;
		free(names[i]);
	}
	free(names);
	is_int(failed, 0, "%d files of %s replayed", count, folder);
}

/* Without arguments: the corpus of the target, t/fuzz/corpus/X of fuzz_X; else files. */
int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(argv[0], '/');
	char folder[4096];

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			ok(run_file(argv[i]) == 0, "%s", argv[i]);
		return done();
	}
	name = name ? name + 1 : argv[0];
	name += strncmp(name, "fuzz_", 5) == 0 ? 5 : 0;
	snprintf(folder, sizeof folder, "%s/t/fuzz/corpus/%s", top ? top : ".", name);
	run_folder(folder);
	return done();
}
