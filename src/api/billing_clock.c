/*
 * billing_clock.c
 *		The time that billing takes it to be: that of the transaction, or of the
 *		tenant's test clock.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "common/find.h"

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
	static PcFind find = PC_FIND_UNLOCKED(PC_TEST_CLOCKS, "t", "tenant_id", "shows");
	PcArgs		keys = {0};
	TimestampTz shows;

	pc_arg_text(&keys, call->tenant);
	if (!pc_find(&find, &keys))
		return GetCurrentTransactionStartTimestamp();
	shows = pc_get_time(0, 1);
	pc_check_no_real_money(call);
	return shows;
}
