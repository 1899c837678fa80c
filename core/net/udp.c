/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagram sockets: reads many at once, and keeps for a while what a full socket did
 * not take. */
#include "net/udp.h"
#include "net/flow.h"
#include "net/frame.h"
#include "net/inside.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Not a power of two, or the heads of all datagrams would meet in the same lines of
 * the cache. */
#define UDP_STRIDE (65536 + 1088)
#define UDP_ROOM 65535    /* IPv6 carries 20 bytes more than IPv4 */
#define UDP_BACKLOG 8     /* datagrams in a batch */
#define UDP_AGE_MAX 60000 /* ms */

struct udp_inbox {
	struct mmsghdr heads[UDP_BATCH];
	struct iovec rooms[UDP_BATCH];
	union socket_address from[UDP_BATCH];
	char bytes[UDP_BATCH][UDP_STRIDE];
	union {
		char room[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} stamp; /* when the first of them came */
};

struct waiting {
	struct list link;
	struct datagram datagram;
	char bytes[];
};

struct udp_inbox *
udp_inbox_new(void)
{
	/* Not zeroed: pages that no datagram needs are never touched. */
	struct udp_inbox *inbox = malloc(sizeof *inbox);

	if (!inbox)
		return NULL;
	memset(inbox->heads, 0, sizeof inbox->heads);
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		inbox->rooms[i] = (struct iovec){ inbox->bytes[i], UDP_ROOM };
		inbox->heads[i].msg_hdr.msg_iov = &inbox->rooms[i];
		inbox->heads[i].msg_hdr.msg_iovlen = 1;
		inbox->heads[i].msg_hdr.msg_name = &inbox->from[i];
	}
	return inbox;
}

void
udp_inbox_free(struct udp_inbox *inbox)
{
	free(inbox);
}

/* Line ends in front are skipped; with nothing behind them they were a keepalive. */
static void
deliver(struct udp_socket *s, char *bytes, size_t length, const union socket_address *from)
{
	struct net *n = s->net;
	struct net_packet packet = { .listener = s->listener };

	while (length && (*bytes == '\r' || *bytes == '\n')) {
		bytes++;
		length--;
	}
	if (!length)
		return;
	/* Nobody can be answered at port 0. */
	if (address_from_socket(&from->any, &packet.far_end) || !packet.far_end.port) {
		net_count(&n->counters.dropped, 1);
		return;
	}
	packet.bytes = bytes;
	packet.length = length;
	packet.transport = n->shared->listeners[s->listener].transport;
	packet.near_end = n->shared->listeners[s->listener].address;
	packet.flow = flow_make(&(struct flow_name){ .transport = NET_UDP,
	                                             .listener = s->listener,
	                                             .boot = n->shared->boot,
	                                             .far_end = packet.far_end });
	net_count(&n->counters.received, 1);
	if (frame_begins(*bytes))
		n->up.message(n->arg, &packet);
	else if (n->up.other)
		n->up.other(n->arg, &packet);
	else
		net_count(&n->counters.dropped, 1);
}

static int64_t
to_ms(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

static int64_t
wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return to_ms(&now);
}

/* ms.  The wall clock may have been set meanwhile: what makes no sense is nothing. */
static unsigned
age_of(struct msghdr *head, int64_t since)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(head);
	struct timespec came;
	int64_t ms;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return 0;
	memcpy(&came, CMSG_DATA(c), sizeof came);
	if (to_ms(&came) < since)
		return 0;
	ms = wall_now() - to_ms(&came);
	return ms > 0 && ms < UDP_AGE_MAX ? (unsigned)ms : 0;
}

/* Per mille. */
static unsigned
fill_of(const struct udp_socket *s)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t length = sizeof info;

	if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &length) || !info[SK_MEMINFO_RCVBUF])
		return 0;
	return (unsigned)((uint64_t)info[SK_MEMINFO_RMEM_ALLOC] * 1000 / info[SK_MEMINFO_RCVBUF]);
}

/* Few datagrams are no backlog, and cost no look at a clock. */
static void
note_age(struct udp_socket *s, struct udp_inbox *inbox, int count)
{
	s->net->backlog.age =
		count < UDP_BACKLOG ? 0 : age_of(&inbox->heads[0].msg_hdr, s->since);
}

/* Before the turn takes anything out. */
static void
note_fill(struct udp_socket *s)
{
	struct net *n = s->net;

	n->backlog.fill = s->busy ? fill_of(s) : 0;
	n->backlog_at = loop_now(n->loop);
	s->busy = false;
}

/* True: there may be more. */
static bool
read_batch(struct udp_socket *s, struct udp_inbox *inbox)
{
	int count;

	inbox->heads[0].msg_hdr.msg_control = inbox->stamp.room;
	inbox->heads[0].msg_hdr.msg_controllen = sizeof inbox->stamp.room;

	for (unsigned i = 0; i < UDP_BATCH; i++)
		inbox->heads[i].msg_hdr.msg_namelen = sizeof inbox->from[i];
	count = recvmmsg(s->fd, inbox->heads, UDP_BATCH, MSG_DONTWAIT, NULL);
	if (count < 0) {
		if (errno != EAGAIN && errno != EINTR)
			log_often(&s->net->log_receive, LOG_LEVEL_WARN, "net",
			          "receive udp: %s", strerrordesc_np(errno));
		return false;
	}
	note_age(s, inbox, count);
	s->busy |= count == UDP_BATCH;
	for (int i = 0; i < count; i++)
		deliver(s, inbox->bytes[i], inbox->heads[i].msg_len, &inbox->from[i]);
	return count == UDP_BATCH;
}

static bool
would_block(int error)
{
	return error == EAGAIN || error == EINTR;
}

void
udp_sent(struct udp_socket *s, struct receipt *receipt, int error)
{
	struct net *n = s->net;

	if (!error) {
		net_count(&n->counters.sent, 1);
	} else {
		net_count(&n->counters.dropped, 1);
		log_often(&n->log_send, LOG_LEVEL_WARN, "net", "send udp: %s",
		          strerrordesc_np(error));
	}
	receipts_answer(&n->receipts, receipt,
	                !error ? NET_SENT : error == ENOBUFS ? NET_FULL : NET_GONE);
}

static void
watch_more(struct udp_socket *s)
{
	watch_set(s->watch, (s->paused ? 0 : WATCH_READ) | (udp_is_full(s) ? WATCH_WRITE : 0));
}

static void
take_waiting(struct udp_socket *s, struct waiting *w)
{
	list_remove(&w->link);
	s->waiting_count--;
	s->waiting_bytes -= w->datagram.bytes.length;
	free(w);
}

static void
send_waiting(struct udp_socket *s)
{
	LIST_EACH(&s->waiting, at, after) {
		struct waiting *w = CONTAINER(at, struct waiting, link);
		struct datagram *d = &w->datagram;
		ssize_t rc = sendto(s->fd, d->bytes.at, d->bytes.length, MSG_DONTWAIT,
		                    &d->to.any, d->to_length);

		if (rc < 0 && would_block(errno))
			break;
		udp_sent(s, d->receipt, rc < 0 ? errno : 0);
		take_waiting(s, w);
	}
	watch_more(s);
}

void
udp_wait(struct udp_socket *s, const struct datagram *d)
{
	struct net *n = s->net;
	struct waiting *w = NULL;

	if (s->waiting_count < UDP_WAITING_MAX &&
	    s->waiting_bytes + d->bytes.length <= UDP_WAITING_BYTES)
		w = malloc(sizeof *w + d->bytes.length);
	if (!w) {
		net_count(&n->counters.dropped, 1);
		log_often(&n->log_full, LOG_LEVEL_WARN, "net", "send udp: queue full");
		receipts_answer(&n->receipts, d->receipt, NET_FULL);
		return;
	}
	w->link = (struct list){ NULL, NULL };
	w->datagram = *d;
	memcpy(w->bytes, d->bytes.at, d->bytes.length);
	w->datagram.bytes.at = w->bytes;
	list_append(&s->waiting, &w->link);
	s->waiting_bytes += d->bytes.length;
	if (s->waiting_count++ == 0)
		watch_more(s);
}

/* A bounded part of what there is: the rest is ready in the next turn. */
static void
read_some(struct udp_socket *s)
{
	note_fill(s);
	for (unsigned turn = 0; turn < UDP_TURNS && read_batch(s, s->net->inbox); turn++)
		;
}

static void
on_ready(void *arg, unsigned events)
{
	struct udp_socket *s = arg;

	if (events & WATCH_WRITE)
		send_waiting(s);
	if ((events & WATCH_READ) && !s->paused)
		read_some(s);
}

struct udp_socket *
udp_open(struct net *n, uint16_t listener, bool together)
{
	struct udp_socket *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->net = n;
	s->listener = listener;
	list_init(&s->waiting);
	s->fd = inherited_take(&n->shared->inherited, &n->shared->listeners[listener], n->worker);
	if (s->fd < 0)
		s->fd = socket_listen(&n->shared->listeners[listener], together);
	if (s->fd >= 0)
		s->watch = watch_new(n->loop, s->fd, on_ready, s);
	if (s->watch)
		return s;
	if (s->fd >= 0) {
		close(s->fd);
		errno = ENOMEM;
	}
	free(s);
	return NULL;
}

void
udp_start(struct udp_socket *s)
{
	s->since = wall_now();
	watch_more(s);
}

void
udp_pause(struct udp_socket *s, bool paused)
{
	s->paused = paused;
	s->since = wall_now();
	watch_more(s);
}

void
udp_close(struct udp_socket *s)
{
	if (!s)
		return;
	LIST_EACH(&s->waiting, at, after) {
		struct waiting *w = CONTAINER(at, struct waiting, link);

		receipts_drop(&s->net->receipts, w->datagram.receipt);
		take_waiting(s, w);
	}
	watch_free(s->watch);
	close(s->fd);
	free(s);
}
