/* SPDX-License-Identifier: GPL-3.0-or-later */
/* open: all transactions looked at, when the server is about to end. */
#include "tx/open.h"
#include "tx/branch.h"

#define OPEN_ACCEPTED 2 /* T1 */

static void
count_server(struct table_node *node, void *arg)
{
	const struct coven_request *r = CONTAINER(node, struct coven_request, node);
	const struct tx_times *times = &r->tx->times;
	size_t *count = arg;

	switch (r->state) {
	case REQUEST_ACCEPTED: /* its ACK is another transaction, and very likely on its way */
		*count += r->end.due - loop_now(r->tx->loop) > 64 * times->t1 - OPEN_ACCEPTED * times->t1;
		break;
	case REQUEST_TRYING:
	case REQUEST_PROCEEDING:
		++*count;
		break;
	case REQUEST_COMPLETED:
		*count += r->message.method_id == SIP_INVITE;
		break;
	case REQUEST_NEW:
	case REQUEST_CONFIRMED:
	case REQUEST_ENDED:
		break;
	}
}

static void
count_client(struct table_node *node, void *arg)
{
	const struct coven_branch *b = CONTAINER(node, struct coven_branch, node);
	size_t *count = arg;

	*count += b->state < BRANCH_ACCEPTED;
}

size_t
tx_open(struct tx *tx)
{
	size_t count = 0;

	table_each(&tx->servers, count_server, &count);
	table_each(&tx->clients, count_client, &count);
	return count;
}

static void
count_unsent(struct table_node *node, void *arg)
{
	const struct coven_request *r = CONTAINER(node, struct coven_request, node);
	size_t *count = arg;

	*count += (r->state == REQUEST_TRYING || r->state == REQUEST_PROCEEDING) && r->branch_count == 0;
}

size_t
tx_unsent(struct tx *tx)
{
	size_t count = 0;

	table_each(&tx->servers, count_unsent, &count);
	return count;
}
