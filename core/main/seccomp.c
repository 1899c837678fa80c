/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A filter in the kernel's small language.  Everything that glibc, libev, OpenSSL, LMDB and dlopen() use is let
 * through; other calls fail with EPERM, so that a mistake in this list is an error of one function and not the end of
 * the server.  Calls younger than the list fail with ENOSYS, for which glibc has its older ways. */
#include "main/seccomp.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each call costs a comparison on old kernels: what is used for every packet comes first. */
static const unsigned allowed[] = {
	__NR_sendmmsg, __NR_recvmmsg, __NR_epoll_pwait, __NR_epoll_ctl, __NR_futex, __NR_read, __NR_write,
	__NR_recvfrom, __NR_sendto, __NR_writev, __NR_readv, __NR_recvmsg, __NR_sendmsg, __NR_clock_gettime,
	__NR_close, __NR_accept4, __NR_fdatasync, __NR_pwrite64, __NR_pread64, __NR_madvise, __NR_mmap, __NR_munmap,
	__NR_mprotect, __NR_mremap, __NR_brk, __NR_getrandom, __NR_timerfd_settime, __NR_clock_nanosleep,
	__NR_nanosleep, __NR_sched_yield, __NR_restart_syscall, __NR_rt_sigreturn,
	/* descriptors */
	__NR_dup, __NR_dup3, __NR_pipe2, __NR_fcntl, __NR_eventfd2, __NR_epoll_create1, __NR_signalfd4,
	__NR_timerfd_create, __NR_timerfd_gettime, __NR_ppoll, __NR_pselect6, __NR_close_range, __NR_inotify_init1,
	__NR_inotify_add_watch, __NR_inotify_rm_watch, __NR_memfd_create,
	/* sockets; socket() itself is below */
	__NR_socketpair, __NR_bind, __NR_listen, __NR_accept, __NR_connect, __NR_getsockname, __NR_getpeername,
	__NR_setsockopt, __NR_getsockopt, __NR_shutdown,
	/* files */
	__NR_openat, __NR_openat2, __NR_faccessat, __NR_faccessat2, __NR_fstat, __NR_newfstatat, __NR_statx,
	__NR_statfs, __NR_fstatfs, __NR_lseek, __NR_getdents64, __NR_readlinkat, __NR_mkdirat, __NR_unlinkat,
	__NR_renameat, __NR_renameat2, __NR_linkat, __NR_symlinkat, __NR_fchmod, __NR_fchmodat, __NR_fchown,
	__NR_fchownat, __NR_ftruncate, __NR_truncate, __NR_fallocate, __NR_fsync, __NR_sync_file_range, __NR_syncfs,
	__NR_msync, __NR_flock, __NR_preadv, __NR_pwritev, __NR_preadv2, __NR_pwritev2, __NR_sendfile, __NR_splice,
	__NR_copy_file_range, __NR_utimensat, __NR_fadvise64, __NR_readahead, __NR_getcwd, __NR_chdir, __NR_fchdir,
	__NR_umask,
	/* memory */
	__NR_mlock, __NR_mlock2, __NR_munlock, __NR_mincore, __NR_membarrier,
	/* threads and what they know of themselves; clone() itself is below */
	__NR_exit, __NR_exit_group, __NR_gettid, __NR_getpid, __NR_getppid, __NR_getpgid, __NR_getsid, __NR_getuid,
	__NR_geteuid, __NR_getgid, __NR_getegid, __NR_getgroups, __NR_getresuid, __NR_getresgid, __NR_capget,
	__NR_set_tid_address, __NR_set_robust_list, __NR_get_robust_list, __NR_rseq, __NR_sched_getaffinity,
	__NR_sched_setaffinity, __NR_sched_getparam, __NR_sched_getscheduler, __NR_sched_get_priority_max,
	__NR_sched_get_priority_min, __NR_getpriority, __NR_setpriority, __NR_getcpu, __NR_wait4, __NR_waitid,
	__NR_tgkill, __NR_tkill, __NR_kill, __NR_getrlimit, __NR_prlimit64, __NR_getrusage, __NR_times, __NR_sysinfo,
	__NR_uname,
	/* signals and time */
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigpending, __NR_rt_sigsuspend, __NR_rt_sigtimedwait,
	__NR_sigaltstack, __NR_clock_getres, __NR_gettimeofday, __NR_setitimer, __NR_getitimer, __NR_timer_create,
	__NR_timer_settime, __NR_timer_gettime, __NR_timer_delete, __NR_timer_getoverrun,
#ifdef __x86_64__ /* that younger processors do without */
	__NR_epoll_wait, __NR_poll, __NR_select, __NR_open, __NR_creat, __NR_stat, __NR_lstat, __NR_access,
	__NR_readlink, __NR_mkdir, __NR_rmdir, __NR_unlink, __NR_rename, __NR_link, __NR_symlink, __NR_chmod,
	__NR_chown, __NR_lchown, __NR_dup2, __NR_pipe, __NR_eventfd, __NR_epoll_create, __NR_signalfd, __NR_getdents,
	__NR_time, __NR_alarm, __NR_pause, __NR_getpgrp, __NR_arch_prctl, __NR_inotify_init, __NR_utimes,
#endif
};

/* Calls of which one argument is looked at, too. */
struct narrow {
	unsigned call, argument, value;
};

static const struct narrow narrow[] = {
	{ __NR_socket, 0, AF_UNIX },
	{ __NR_socket, 0, AF_INET },
	{ __NR_socket, 0, AF_INET6 },
	{ __NR_socket, 0, AF_NETLINK },
	{ __NR_ioctl, 1, FIONREAD },
	{ __NR_ioctl, 1, FIONBIO },
	{ __NR_ioctl, 1, FIOCLEX },
	{ __NR_ioctl, 1, 0x5401 /* TCGETS: is it a terminal? */ },
	{ __NR_ioctl, 1, 0x5411 /* TIOCOUTQ, of sockets, too */ },
	{ __NR_ioctl, 1, 0x8910 /* SIOCGIFNAME */ },
	{ __NR_ioctl, 1, 0x8912 /* SIOCGIFCONF */ },
	{ __NR_ioctl, 1, 0x8913 /* SIOCGIFFLAGS */ },
	{ __NR_ioctl, 1, 0x8915 /* SIOCGIFADDR */ },
	{ __NR_ioctl, 1, 0x8933 /* SIOCGIFINDEX */ },
	{ __NR_prctl, 0, PR_SET_NAME },
	{ __NR_prctl, 0, PR_GET_NAME },
	{ __NR_prctl, 0, PR_GET_DUMPABLE },
	{ __NR_prctl, 0, PR_SET_PDEATHSIG },
	{ __NR_prctl, 0, 0x53564d41 /* PR_SET_VMA: names of memory */ },
	{ __NR_prctl, 0, PR_GET_SECCOMP },
};

#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define YOUNGEST 441 /* the last one that this list was made for */

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define PROGRAM_MAX (COUNT(allowed) * 2 + COUNT(narrow) * 5 + 24)

struct program {
	struct sock_filter at[PROGRAM_MAX];
	unsigned short length;
};

static void
put(struct program *p, unsigned code, unsigned value, unsigned char yes, unsigned char no)
{
	p->at[p->length++] = (struct sock_filter){ (unsigned short)code, yes, no, value };
}

static void
put_load(struct program *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void
put_return(struct program *p, unsigned action)
{
	put(p, BPF_RET | BPF_K, action, 0, 0);
}

/* The lower half of an argument, on machines whose lower half comes first. */
static size_t
argument(unsigned i)
{
	return offsetof(struct seccomp_data, args) + i * sizeof(__u64);
}

static void
put_narrow(struct program *p, const struct narrow *n)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, n->call, 0, 4);
	put_load(p, argument(n->argument));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, n->value, 0, 1);
	put_return(p, SECCOMP_RET_ALLOW);
	put_load(p, offsetof(struct seccomp_data, nr));
}

/* Threads and processes, but no namespaces: in one of its own a user is root. */
static void
put_clone(struct program *p)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4);
	put_load(p, argument(0));
	put(p, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 1, 0);
	put_return(p, SECCOMP_RET_ALLOW);
	put_return(p, SECCOMP_RET_ERRNO | EPERM);
	/* its flags are in memory, where no filter sees them; with ENOSYS glibc takes clone() */
	put(p, BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1);
	put_return(p, SECCOMP_RET_ERRNO | ENOSYS);
}

static void
make(struct program *p)
{
	p->length = 0;
	put_load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_load(p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(allowed); i++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		put_return(p, SECCOMP_RET_ALLOW);
	}
	put_clone(p);
	for (size_t i = 0; i < COUNT(narrow); i++)
		put_narrow(p, &narrow[i]);
	put(p, BPF_JMP | BPF_JGT | BPF_K, YOUNGEST, 0, 1);
	put_return(p, SECCOMP_RET_ERRNO | ENOSYS);
	put_return(p, SECCOMP_RET_ERRNO | EPERM);
}

int
seccomp_close(void)
{
	struct program p;
	struct sock_fprog given;

	if (!ARCHITECTURE) {
		errno = ENOTSUP;
		return -1;
	}
	make(&p);
	given = (struct sock_fprog){ .len = p.length, .filter = p.at };
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &given);
}
