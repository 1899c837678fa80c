/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does somebody want to see this message? */
#include "host/trace.h"
#include "base/text.h"
#include "sip/uri.h"

#include <string.h>

static bool
is_method(struct coven_slice word)
{
	for (size_t i = 0; i < word.length; i++)
		if (word.at[i] < 'A' || word.at[i] > 'Z')
			return false;
	return word.length >= 3;
}

int
trace_filter_read(struct trace_filter *f, size_t count, const struct coven_slice *words)
{
	f->count = count;
	if (count > TRACE_WORDS_MAX)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct trace_word *w = &f->words[i];

		if (!words[i].length || words[i].length >= sizeof w->text || memchr(words[i].at, 0, words[i].length))
			return -1;
		memcpy(w->text, words[i].at, words[i].length);
		w->text[words[i].length] = '\0';
		if (address_parse_port(words[i], &w->address) == 0 || address_parse(words[i], &w->address) == 0)
			w->kind = TRACE_ADDRESS;
		else
			w->kind = is_method(words[i]) ? TRACE_METHOD : TRACE_NAME;
	}
	return 0;
}

static bool
names(const char *wanted, struct coven_slice text)
{
	struct coven_slice word = text_of(wanted);
	size_t at = text_find(word, '@');
	struct sip_uri uri;

	if (text_begins(word, "sip:")) {
		word = text_cut(word, 4, word.length);
		at = text_find(word, '@');
	}
	if (!text.at || uri_parse(text, &uri) < 0)
		return false;
	if (at == word.length)
		return text_same(uri.user, word) || text_alike(uri.host, word);
	return text_same(uri.user, text_cut(word, 0, at)) && text_alike(uri.host, text_cut(word, at + 1, word.length));
}

static bool
word_fits(const struct trace_word *w, const struct sip_message *m, const struct coven_address *peer)
{
	switch (w->kind) {
	case TRACE_ADDRESS:
		return w->address.port ? address_same(&w->address, peer) : address_same_ip(&w->address, peer);
	case TRACE_METHOD:
		return m && text_is(sip_slice(m, m->method), w->text);
	case TRACE_NAME:
		return m && (text_is(sip_slice(m, m->call_id), w->text) || names(w->text, sip_slice(m, m->from_uri)) ||
		             names(w->text, sip_slice(m, m->to_uri)) || names(w->text, sip_slice(m, m->uri)));
	}
	return false;
}

bool
trace_filter_fits(const struct trace_filter *f, const struct sip_message *m, const struct coven_address *peer)
{
	for (size_t i = 0; i < f->count; i++)
		if (!word_fits(&f->words[i], m, peer))
			return false;
	return true;
}
