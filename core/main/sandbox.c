/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox: capabilities and limits; the filter is seccomp.c's. */
#include "main/sandbox.h"
#include "base/log.h"
#include "main/seccomp.h"
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITIES_MAX 64 /* what fits into the words of version 3 */

/* Set where the run time of a sanitizer is linked in: it needs system calls, and memory, of its own. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

void
sandbox_hide(void)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

void
sandbox_bound(void)
{
	for (int i = 0; i < CAPABILITIES_MAX; i++)
		if (prctl(PR_CAPBSET_DROP, i) != 0)
			break; /* not allowed to, or the last one that this kernel knows */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	if (syscall(SYS_capset, &head, none) != 0)
		log_line(LOG_LEVEL_WARN, "sandbox", "keeps its capabilities: %s", strerror(errno));
}

void
sandbox_close(void)
{
	sandbox_hide(); /* a change of user may have taken it back */
	drop_capabilities();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		log_line(LOG_LEVEL_WARN, "sandbox", "does without no_new_privs: %s", strerror(errno));
	if (__asan_init || __tsan_init)
		log_line(LOG_LEVEL_INFO, "sandbox", "no filter of system calls: this build has a sanitizer");
	else if (seccomp_close() != 0)
		log_line(LOG_LEVEL_WARN, "sandbox", "no filter of system calls: %s",
		         errno == ENOTSUP ? "not on this processor" : strerror(errno));
}
