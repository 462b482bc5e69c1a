/*
 * invoices.h
 *		What the verbs of invoices share.
 */
#ifndef PAYCORE_INVOICES_INVOICES_H
#define PAYCORE_INVOICES_INVOICES_H

#include "api/api.h"
#include "billing/zone.h"

/*
 * batch.c: does what is due by then in the call's tenant, of at most so many
 * subscriptions, or of one (NULL: any); returns of how many.
 */
extern int64 inv_bill_batch(const PcApiCall *call, TimestampTz as_of, int batch_size, const pg_uuid_t *only);

/* clock.c: the time that billing takes it to be for the call's tenant; raises where it is no real one and money is. */
extern TimestampTz inv_now(const PcApiCall *call);

/*
 * run.c: bills what a subscription owes up to now, before a verb changes what
 * it owes from now on.  What cannot be billed parks it.
 */
extern void inv_catch_up(const PcApiCall *call, const pg_uuid_t *subscription);

/*
 * extra_charges.c: an invoice at once of what came up beside the items of a
 * running subscription; nothing where nothing did.
 */
extern void inv_bill_now(const PcApiCall *call, const pg_uuid_t *subscription);

/* Takes a subscription out of the runs, with the reason, until it is retried. */
extern void inv_park(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const char *reason);

#endif							/* PAYCORE_INVOICES_INVOICES_H */
