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

/* No time at all: none that is finite could be mistaken for it. */
#define SUB_NEVER DT_NOBEGIN

/* When it begins, and until when its first period goes. */
typedef struct SubStart
{
	PcInterval	every;
	text	   *time_zone;
	TimestampTz now;
	TimestampTz starts_at;
	TimestampTz trial_end;		/* or SUB_NEVER */
	TimestampTz anchor;			/* or SUB_NEVER: where the first bill is due */
	TimestampTz cancel_at;		/* or SUB_NEVER */
	bool		ends_with_trial;	/* it was canceled at the end of the first period */
	TimestampTz billed_until;	/* this and the period are reckoned from the rest */
	PcPeriod	period;
} SubStart;

/* start.c: a time in details, or what it is without one. */
extern TimestampTz sub_given_time(const Jsonb *details, const char *key, TimestampTz dflt);

extern void sub_reckon_start(SubStart *start);
extern SubscriptionStatus sub_first_status(const SubStart *start);
extern TimestampTz sub_first_bill_at(const SubStart *start);

/* Moves the end of its trial to the trial_end of changes, or to now if that is over; PY030 where it is in none. */
extern void sub_move_trial_end(const PcApiCall *call, const pg_uuid_t *id, const Jsonb *changes);

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
