/*
 * late.c
 *		Usage that came, or was corrected, after its period was billed.
 *
 * The period is counted and priced anew, and the difference to what was
 * billed of it so far goes on the next invoice: so it is billed once, whatever
 * the price makes of a quantity.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "usage/usage.h"

#define PERIODS_AT_ONCE 1000

static const char late_sql[] =
#include "usage/late.inc"
;

int64
usg_bill_late(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t4z", late_sql);
	Datum		values[3] = {CStringGetTextDatum(call->tenant), Int32GetDatum(PERIODS_AT_ONCE), TimestampTzGetDatum(pc_billing_now(call))};

	pc_api_write_by_index(&plan, values);
	return pc_get_int64(0, 1);
}
