/*
 * mrr.c
 *		What subscriptions bring in a month, reckoned from their items and
 *		discounts.  A guard keeps the change, and stops what ends or is paused.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "invoices/invoices.h"
#include "utils/array.h"

void
inv_set_mrr(const PcApiCall *call, Datum subscriptions, Datum from)
{
	static PcPlan plan = PC_PLAN("tUZ",
								 "UPDATE paycore.subscriptions s SET mrr = r.mrr, mrr_since = r.since "
								 "FROM (SELECT u.id, u.since, paycore.reckon_mrr(u.id, u.since) AS mrr FROM unnest($2, $3) u (id, since)) r "
								 "WHERE s.id = r.id AND s.tenant_id = $1 AND s.status::text IN ('active', 'past_due') AND s.billed_until > r.since "
								 "AND s.mrr OPERATOR(paycore.=) r.mrr IS NOT TRUE");
	Datum		values[3] = {CStringGetTextDatum(call->tenant), subscriptions, from};

	pc_api_write(&plan, values, NULL, NULL);
}

void
inv_reckon_mrr(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz from)
{
	Datum		id = UUIDPGetDatum(subscription);
	Datum		since = TimestampTzGetDatum(from);

	inv_set_mrr(call, PointerGetDatum(construct_array(&id, 1, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)),
				PointerGetDatum(construct_array(&since, 1, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}
