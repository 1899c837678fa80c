/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS as the wire of a stream: handshakes, bytes both ways, and the end. */
#include "net/inside.h"
#include "net/tls_inside.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* -- who may begin -------------------------------------------------------------------------------------- */

static bool
count_in(struct stream *s)
{
	struct net_shared *all = s->net->shared;

	if (atomic_fetch_add_explicit(&all->shaking, 1, memory_order_relaxed) < NET_TLS_SHAKES_MAX &&
	    sources_enter(&all->shakers, &s->far_end, NET_TLS_SHAKES_PER_SOURCE) == 0)
		return true;
	atomic_fetch_sub_explicit(&all->shaking, 1, memory_order_relaxed);
	return false;
}

static void
count_out(struct stream *s)
{
	struct net_shared *all = s->net->shared;

	if (!s->tls->counted)
		return;
	s->tls->counted = false;
	atomic_fetch_sub_explicit(&all->shaking, 1, memory_order_relaxed);
	sources_leave(&all->shakers, &s->far_end);
}

static struct tls_set *
present_set(struct net_shared *all)
{
	struct tls_set *set;

	pthread_mutex_lock(&all->tls_lock);
	set = tls_set_hold(all->tls);
	pthread_mutex_unlock(&all->tls_lock);
	return set;
}

void
net_shared_set_tls(struct net_shared *all, struct tls_set *set)
{
	struct tls_set *old;

	tls_set_hold(set);
	pthread_mutex_lock(&all->tls_lock);
	old = all->tls;
	all->tls = set;
	pthread_mutex_unlock(&all->tls_lock);
	tls_set_drop(old);
}

static const char *
tls_prepare(struct stream *s, const struct net_tls_demand *demand)
{
	static const struct net_tls_demand any = { .level = NET_TLS_ANY };
	struct tls *t = calloc(1, sizeof *t);

	s->tls = t;
	if (!t)
		return "no memory";
	t->set = present_set(s->net->shared);
	if (!t->set)
		return "handshake: there is no certificate of ours";
	if (s->accepted) {
		t->counted = count_in(s);
		return t->counted ? NULL : "handshake: too many have begun";
	}
	t->demand = tls_demand_copy(demand ? demand : &any);
	t->ssl = t->demand ? tls_set_ssl(t->set, t->demand->is.domain, s) : NULL;
	return t->ssl ? tls_verify_outbound(t->ssl, t) : "no memory";
}

static void
tls_free(struct stream *s)
{
	if (!s->tls)
		return;
	count_out(s);
	SSL_free(s->tls->ssl);
	tls_set_drop(s->tls->set);
	free(s->tls->demand);
	free(s->tls);
}

static bool
tls_serves(const struct stream *s, const struct net_tls_demand *wanted)
{
	static const struct net_tls_demand any = { .level = NET_TLS_ANY };
	const struct tls *t = s->tls;

	if (!wanted)
		wanted = &any;
	if (s->accepted) /* it was not asked to prove anything */
		return wanted->level == NET_TLS_ANY && s->state == STREAM_OPEN;
	if (tls_demand_same(&t->demand->is, wanted))
		return true;
	return s->state == STREAM_OPEN && tls_demand_covers(&t->demand->is, t->level, wanted);
}

/* -- the handshake ---------------------------------------------------------------------------------------- */

static const char *
reason_of(struct tls *t)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);
	long verdict = t->ssl ? SSL_get_verify_result(t->ssl) : X509_V_OK;

	if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
		snprintf(t->why, sizeof t->why, "certificate: %s", X509_verify_cert_error_string(verdict));
	else
		snprintf(t->why, sizeof t->why, "handshake: %s", reason ? reason : "ended by the far end");
	return t->why;
}

static void
failed(struct stream *s, const char *why)
{
	s->tls->broken = true;
	ERR_clear_error();
	count_out(s);
	net_count(&s->net->counters.failed, 1);
	stream_end(s, why, true);
}

static void
on_slow(struct timer *t)
{
	failed(CONTAINER(t, struct stream, deadline), "handshake: not done in time");
}

static void
secured(struct stream *s)
{
	struct tls *t = s->tls;

	count_out(s);
	timer_stop(s->net->loop, &s->deadline);
	net_count(&s->net->counters.handshakes, 1);
	if (SSL_session_reused(t->ssl))
		net_count(&s->net->counters.resumed, 1);
	s->read_on = WATCH_READ;
	stream_opened(s);
	if (s->state == STREAM_OPEN)
		tls_tell(s);
}

static void
shake(struct stream *s)
{
	struct tls *t = s->tls;
	int rc;

	if (!t->ssl) { /* somebody who says nothing costs no more than a socket */
		t->ssl = tls_set_ssl(t->set, (struct coven_slice){ NULL, 0 }, s);
		if (!t->ssl) {
			failed(s, "no memory");
			return;
		}
		tls_verify_inbound(t->ssl, t);
	}
	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (rc == 1) {
		secured(s);
		return;
	}
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		s->read_on = WATCH_READ;
		break;
	case SSL_ERROR_WANT_WRITE:
		s->read_on = WATCH_WRITE;
		break;
	default:
		failed(s, reason_of(t));
		return;
	}
	stream_watch(s);
}

static void
tls_begin(struct stream *s)
{
	s->state = STREAM_SHAKING;
	timer_start(s->net->loop, &s->deadline, NET_TLS_SHAKE_MS, on_slow);
	if (s->accepted)
		stream_watch(s);
	else
		shake(s);
}

/* -- bytes -------------------------------------------------------------------------------------------------- */

/* Neither read nor written: why, as a system call would tell.  `on` is what to wait for. */
static ssize_t
refused(struct stream *s, uint8_t *on)
{
	struct tls *t = s->tls;
	int error = errno;

	switch (SSL_get_error(t->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
		*on = WATCH_READ;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		*on = WATCH_WRITE;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL: /* without a word: where a message ends is known by its length */
		t->broken = true;
		errno = error;
		return error ? -1 : 0;
	}
	t->broken = true;
	ERR_clear_error();
	errno = EPROTO;
	return -1;
}

static ssize_t
tls_read(struct stream *s, char *room, size_t size, bool *more)
{
	SSL *ssl = s->tls->ssl;
	uint8_t before = s->read_on;
	size_t n;
	ssize_t rc;

	ERR_clear_error();
	errno = 0;
	s->read_on = WATCH_READ;
	if (SSL_read_ex(ssl, room, size, &n)) {
		/* The rest of a record is here already: no descriptor will tell. */
		*more = n == size || SSL_pending(ssl) > 0;
		rc = (ssize_t)n;
	} else {
		rc = refused(s, &s->read_on);
	}
	if (s->read_on != before) {
		int error = errno;

		stream_watch(s);
		errno = error;
	}
	return rc;
}

static bool
tls_pending(const struct stream *s)
{
	return SSL_pending(s->tls->ssl) > 0;
}

/* One record at a time; what did not go is offered again from where it began, and then perhaps more of it. */
static ssize_t
tls_write(void *arg, const struct iovec *pieces, size_t count)
{
	struct stream *s = arg;
	size_t n;
	ssize_t rc;

	(void)count;
	ERR_clear_error();
	errno = 0;
	s->write_on = WATCH_WRITE;
	if (SSL_write_ex(s->tls->ssl, pieces[0].iov_base, pieces[0].iov_len, &n))
		return (ssize_t)n;
	rc = refused(s, &s->write_on);
	if (rc == 0) {
		errno = EPIPE;
		rc = -1;
	}
	return rc;
}

static void
tls_ready(void *arg, unsigned events)
{
	struct stream *s = arg;

	if (s->state == STREAM_SHAKING) {
		shake(s);
		return;
	}
	if (s->state == STREAM_OPEN && (s->read_on != WATCH_READ || s->write_on != WATCH_WRITE))
		events = WATCH_READ | WATCH_WRITE; /* either may have waited for the other */
	stream_ready(s, events);
}

/* Our close_notify; theirs is not waited for. */
static int
tls_finish(struct stream *s)
{
	struct tls *t = s->tls;

	ERR_clear_error();
	if (t->ssl && !t->broken && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	return shutdown(s->fd, SHUT_WR);
}

const struct stream_wire tls_wire = {
	.prepare = tls_prepare, .serves = tls_serves, .begin = tls_begin, .ready = tls_ready, .read = tls_read,
	.pending = tls_pending, .write = tls_write, .finish = tls_finish, .free = tls_free, .lends = false,
};
