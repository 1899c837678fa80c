/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slow: those that took too long. */
#include "host/slow.h"

void
slow_tell(struct coven_instance *in, const char *what, int64_t ms)
{
	unsigned before = atomic_load_explicit(&in->slow, memory_order_relaxed);

	atomic_store_explicit(&in->slow, before + 1, memory_order_relaxed);
	log_often(&in->host->slow, LOG_LEVEL_WARN, in->plug->name,
	          "held worker %u for %lld ms in %s; nobody else was served there meanwhile", in->host->worker,
	          (long long)ms, what);
}
