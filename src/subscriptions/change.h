/*
 * change.h
 *		What a change of a subscription was asked for with.
 */
#ifndef PAYCORE_SUBSCRIPTIONS_CHANGE_H
#define PAYCORE_SUBSCRIPTIONS_CHANGE_H

#include "subscriptions/subscriptions.h"

typedef struct ChangeRequest
{
	pg_uuid_t	subscription;
	const Jsonb *items;
	char	   *effective;		/* now, renewal, or a time */
	char	   *proration;
	char	   *prorate_by;
	char	   *reason;
} ChangeRequest;

/* The arguments from effective on; raises PY042. */
extern void sub_change_read(FunctionCallInfo fcinfo, int first, ChangeRequest *request);

/* change.c: does the change, or schedules it, under that id. */
extern void sub_change(const PcApiCall *call, const pg_uuid_t *id, const ChangeRequest *request);

#endif							/* PAYCORE_SUBSCRIPTIONS_CHANGE_H */
