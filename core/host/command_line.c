/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON to words. */
#include "host/command_line.h"

#include <string.h>

static const char *
take_words(struct command_line *c, const json_t *words)
{
	static const char wrong[] = "\\\"words\\\" must be a list of at most 64 texts";

	c->count = json_array_size(words);
	if (!json_is_array(words) || c->count > COMMAND_WORDS_MAX)
		return wrong;
	for (size_t i = 0; i < c->count; i++) {
		const json_t *word = json_array_get(words, i);

		if (!json_is_string(word))
			return wrong;
		c->words[i] = (struct coven_slice){ json_string_value(word), json_string_length(word) };
	}
	return NULL;
}

const char *
command_line_read(struct command_line *c, const char *line, size_t length)
{
	const char *wrong = "a request is one line of JSON: {\\\"words\\\":[\\\"status\\\"]}";

	c->request = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (json_is_object(c->request))
		wrong = take_words(c, json_object_get(c->request, "words"));
	if (!wrong)
		return NULL;
	json_decref(c->request);
	c->request = NULL;
	return wrong;
}

void
command_line_free(struct command_line *c)
{
	for (size_t i = 0; i < c->count; i++)
		explicit_bzero((char *)c->words[i].at, c->words[i].length);
	json_decref(c->request);
	c->request = NULL;
}
