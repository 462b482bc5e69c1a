/*
 * batch.c
 *		One batch of a billing run: one statement, from what is due to the
 *		invoices, so that it happens whole or not at all.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "invoices/invoices.h"

static const char bill_batch[] =
#include "invoices/bill_batch.inc"
;

/* The one row that numbers come from is there before the first invoice. */
static void
open_series(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t",
								 "INSERT INTO paycore.invoice_series (tenant_id, series) VALUES ($1, 'invoice') "
								 "ON CONFLICT (tenant_id, series) DO NOTHING");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	pc_api_write(&plan, &tenant, NULL, NULL);
}

int64
inv_bill_batch(const PcApiCall *call, TimestampTz as_of, int batch_size, const pg_uuid_t *only)
{
	static PcPlan plan = PC_PLAN("tz4u", bill_batch);
	Datum		values[4] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of), Int32GetDatum(batch_size), UUIDPGetDatum(only)};

	open_series(call);
	PC_FAULT("billing_due");
	pc_api_write(&plan, values, only != NULL ? "    " : "   n", NULL);
	return pc_get_int64(0, 1);
}

void
inv_park(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const char *reason)
{
	static PcPlan plan = PC_PLAN("utzt",
								 "UPDATE paycore.subscriptions SET parked_at = $3, parked_reason = left($4, 1000) "
								 "WHERE id = $1 AND tenant_id = $2");
	Datum		values[4] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(at),
	CStringGetTextDatum(reason)};

	pc_api_write(&plan, values, NULL, NULL);
}
