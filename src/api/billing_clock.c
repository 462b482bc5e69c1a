/*
 * billing_clock.c
 *		The time that billing takes it to be: that of the transaction, or of the
 *		tenant's test clock.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"

void
pc_check_no_real_money(const PcApiCall *call)
{
	char	   *account = pc_real_money_account(call);

	if (account != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("a tenant with a gateway account that takes real money has no test clock"),
				 errdetail("Gateway account \"%s\" is not in test mode.", account),
				 errhint("Try billing in a tenant of its own, on the mock or with livemode => false.")));
}

TimestampTz
pc_billing_now(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = $1");
	Datum		tenant = CStringGetTextDatum(call->tenant);
	TimestampTz shows;

	if (pc_execute(&plan, &tenant, NULL, false, 1) == 0)
		return GetCurrentTransactionStartTimestamp();
	shows = pc_get_time(0, 1);
	pc_check_no_real_money(call);
	return shows;
}
