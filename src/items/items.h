/*
 * items.h
 *		What subscriptions are made of, and how that changes.
 */
#ifndef PAYCORE_ITEMS_ITEMS_H
#define PAYCORE_ITEMS_ITEMS_H

#include "api/api.h"
#include "types/interval.h"

#define ITEMS_MAX 100

/* An item that is asked for, its price found. */
typedef struct NewItem
{
	pg_uuid_t	id;				/* once it is added */
	pg_uuid_t	price;
	pg_uuid_t	product;
	PcInterval	every;
	int			trial_days;
	bool		metered;
	const Jsonb *given;			/* quantity, exclusive, metadata */
	bool		replaces;		/* the item below */
	pg_uuid_t	replaced;
} NewItem;

/* items.c: the items of an argument, all of one interval and to be had in the currency; raises PY042, PY040. */
extern int	items_read(const PcApiCall *call, const Jsonb *items, PcCurrency currency, NewItem **result);

/* Its price, by id or by the code of one that is sold, and what goes with it; raises PY042 and PY040 where it cannot be had in the currency. */
extern void item_set_price(const PcApiCall *call, char *price, PcCurrency currency, NewItem *item);

/* Raises PY042 where one from the first-th on has a metered price that is before it: each item of it would bill all that was used. */
extern void items_check_metered(const NewItem *items, int nitems, int first);

/* Adds them to the subscription from that time on; raises PY030 where an account would have a product twice that it has once. */
extern void items_add(const PcApiCall *call, const pg_uuid_t *subscription, const pg_uuid_t *account,
						  TimestampTz from, NewItem *items, int nitems);

/* Gives the item, which goes on, the exclusive and metadata of given; raises PY030 as above. */
extern void item_describe(const PcApiCall *call, const pg_uuid_t *id, const pg_uuid_t *product, const Jsonb *given);

/* Ends what items still run, and takes back what was to change. */
extern void items_end(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at);

/* A row of subscription_changes that is not done yet. */
typedef struct ItemChange
{
	pg_uuid_t	id;
	pg_uuid_t	subscription;
	const Jsonb *items;
	const char *proration;		/* create, invoice, none */
	const char *prorate_by;		/* second, day */
} ItemChange;

/* The subscription that is changed, locked. */
typedef struct ChangedSub
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	PcCurrency	currency;
	PcInterval	every;
	TimestampTz starts_at;
} ChangedSub;

/* What a change comes to: the items that end, those that begin, and metered ones that go on as the same but for what is said of them. */
typedef struct ItemPlan
{
	int			nended;
	pg_uuid_t	ended[ITEMS_MAX];
	int			nadded;
	NewItem		added[ITEMS_MAX];
	int			ndescribed;
	NewItem		described[ITEMS_MAX];
	PcInterval	every;			/* of all items then */
} ItemPlan;

/* change_plan.c: PY040 where there is none. */
extern void item_change_lock(const PcApiCall *call, const pg_uuid_t *subscription, ChangedSub *sub);

/* Raises PY042, PY040 where the subscription's items cannot be changed so. */
extern ItemPlan *item_change_plan(const PcApiCall *call, const ChangedSub *sub, const Jsonb *items);

/* Whether its error is of what the subscription is made of: the change has nothing to apply to any more. */
extern bool item_change_is_void(const ErrorData *error);

/*
 * change_apply.c: does a change, in force from at on: ends and adds items,
 * writes what is given back and what is charged, and says when the
 * subscription is to be looked at next.
 */
extern void item_change_apply(const PcApiCall *call, const ItemChange *change, TimestampTz at, TimestampTz now);

/* Says when the next of its scheduled changes is, once one has come or gone: the subscription is due then, if not earlier. */
extern void item_change_set_due(const PcApiCall *call, const pg_uuid_t *subscription);

/* Changes that are to be done at its renewal go with it. */
extern void item_changes_to_renewal(const PcApiCall *call, const pg_uuid_t *subscription);

/* What else is to be done for a subscription that has changed at that time. */
typedef void (*ItemChanged) (const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at);

/* change_due.c: does the changes whose time has come by then, of at most so many subscriptions, or of one; returns of how many. */
extern int64 item_changes_due(const PcApiCall *call, TimestampTz as_of, int limit, const pg_uuid_t *only, ItemChanged changed);

/*
 * Takes back the scheduled change of the subscription that comes next and could
 * not be done, where it is void, or the subscription is to end; whether it did.
 */
extern bool item_change_take_back(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const ErrorData *error, const char *reason);

#endif							/* PAYCORE_ITEMS_ITEMS_H */
