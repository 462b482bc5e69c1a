/*
 * subscriptions.h
 *		What the verbs of subscriptions share.
 */
#ifndef PAYCORE_SUBSCRIPTIONS_SUBSCRIPTIONS_H
#define PAYCORE_SUBSCRIPTIONS_SUBSCRIPTIONS_H

#include "api/api.h"
#include "billing/calendar.h"
#include "invoices/invoices.h"
#include "items/items.h"

/* create.c: raises PY042 where details are not those of a subscription. */
extern void sub_check_details(const Jsonb *details, bool change);

/* The same where details have a minimum that is below zero, or in another currency. */
extern void sub_check_minimum(const Jsonb *details, PcCurrency currency);

/* A subscription that is locked. */
typedef struct Subscription
{
	pg_uuid_t	id;
	SubscriptionStatus status;
} Subscription;

/* row.c: PY040 where there is none. */
extern void sub_lock(const PcApiCall *call, const pg_uuid_t *id, Subscription *subscription);

/* The same, once what it owes up to now is billed. */
extern void sub_lock_billed(const PcApiCall *call, const pg_uuid_t *id, Subscription *subscription);

/* PY030 where it owes what could not be billed, which the verb would leave behind. */
extern void sub_check_not_parked(const PcApiCall *call, const Subscription *subscription, const char *verb);

/* discounts.c: the discount of a coupon or promotion code for an invoice of the account, a draft that is locked; its row. */
extern Datum sub_apply_draft_coupon(const PcApiCall *call, const pg_uuid_t *account, const pg_uuid_t *draft, const char *code, bool promotion_only);

/* PY030: it is not in a state for the verb. */
pc_noreturn extern void sub_wrong_state(const Subscription *subscription, const char *verb);

#endif							/* PAYCORE_SUBSCRIPTIONS_SUBSCRIPTIONS_H */
