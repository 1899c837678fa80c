/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: doubly linked, links inside the members, O(1) everywhere; a member that is in no list is
 * zero or has been removed. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *previous;
};

#define CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

static inline void
list_init(struct list *head)
{
	head->next = head->previous = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline bool
list_linked(const struct list *member)
{
	return member->next != NULL;
}

static inline void
list_insert(struct list *before, struct list *member)
{
	member->next = before;
	member->previous = before->previous;
	before->previous->next = member;
	before->previous = member;
}

static inline void
list_append(struct list *head, struct list *member)
{
	list_insert(head, member);
}

static inline void
list_prepend(struct list *head, struct list *member)
{
	list_insert(head->next, member);
}

/* Harmless for a member that is in no list. */
static inline void
list_remove(struct list *member)
{
	if (!member->next)
		return;
	member->next->previous = member->previous;
	member->previous->next = member->next;
	member->next = member->previous = NULL;
}

/* The body may remove the member at hand, and no other. */
#define LIST_EACH(head, at, after)                                                              \
	for (struct list *at = (head)->next, *after = at->next; at != (head);                    \
	     at = after, after = at->next)

#endif
