/*
 * intent_row.c
 *		An intent under an API call's lock, and its requests in the outbox.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/settings.h"
#include "types/money_args.h"

void
pc_intent_lock(const PcApiCall *call, const pg_uuid_t *id, PcIntent *intent)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, status, amount, coalesce(amount_capturable, amount), off_session, "
								 "gateway_account, payment_method, psp_intent_id IS NOT NULL "
								 "FROM paycore.payment_intents WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

	pc_api_find(call, &plan, "payment intent", id);
	intent->id = *id;
	intent->account = pc_get_id(0, 1);
	intent->status = pc_get_state(0, 2);
	intent->amount = pc_get_money(0, 3);
	intent->capturable = pc_get_money(0, 4);
	intent->off_session = pc_get_bool(0, 5);
	intent->gateway_account = pc_get_cstring(0, 6);
	intent->payment_method = pc_get_cstring(0, 7);
	intent->at_gateway = pc_get_bool(0, 8);
}

void
pc_intent_wrong_state(const PcIntent *intent, const char *verb)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INTENT_STATE),
			 errmsg("payment intent %s cannot be %s", pc_uuid_text(&intent->id), verb),
			 errdetail("Its status is %s.", pc_state_name(&pc_intent_lifecycle, intent->status)),
			 errhint("Read the intent's status and act on that.")));
}

void
pc_intent_operation_pending(const PcIntent *intent, const char *operation)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_OPERATION_PENDING),
			 errmsg("%s of payment intent %s is still on its way", operation, pc_uuid_text(&intent->id)),
			 errhint("Wait for it, with paycore.await_payment_intent().")));
}

void
pc_intent_check_not_pending(const PcApiCall *call, const PcIntent *intent, GwOperation op)
{
	if (pc_outbox_unfinished(op, call->tenant, &intent->id, false, NULL, NULL))
		pc_intent_operation_pending(intent, gw_operation_name(op));
}

/* A confirm of its own, or a create that confirms at once. */
bool
pc_intent_is_being_confirmed(const PcApiCall *call, const PcIntent *intent)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT 1 FROM paycore.outbox WHERE lane = $1 AND tenant_id = $2 AND finished_at IS NULL "
								 "AND (operation = 'intent.confirm' "
								 "OR (operation = 'intent.create' AND params->>'confirm' = 'true'))");
	Datum		values[2] = {UUIDPGetDatum(&intent->id), CStringGetTextDatum(call->tenant)};

	return pc_api_plumbing(&plan, values, NULL) > 0;
}

void
pc_intent_request(const PcApiCall *call, const PcIntent *intent, PcRequest *request, GwOperation op)
{
	memset(request, 0, sizeof(*request));
	request->op = op;
	request->tenant = call->tenant;
	request->gateway_account = intent->gateway_account;
	request->object_type = "payment_intent";
	request->object_id = intent->id;
	request->lane = intent->id;
}

/* Nobody is charged hours after an outage while they believe that it failed. */
TimestampTz
pc_on_session_deadline(void)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pc_on_session_window * INT64CONST(1000));
}
