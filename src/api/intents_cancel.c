/*
 * intents_cancel.c
 *		cancel_payment_intent(): what was never sent is taken back here and
 *		now; what may have been sent is canceled at the gateway.
 */
#include "common/paycore.h"

#include "api/intents.h"

static Datum
mark_canceled(const PcApiCall *call, const PcIntent *intent, const char *reason)
{
	static PcPlan plan = PC_PLAN_ROW("utt",
									 "UPDATE paycore.payment_intents SET status = 'canceled'::paycore.intent_status, "
									 "cancellation_reason = $3, canceled_at = now(), next_action = NULL, client_secret = NULL, "
									 "next_sweep_at = NULL WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PAYMENT_INTENTS);
	Datum		values[3] = {
		UUIDPGetDatum(&intent->id), CStringGetTextDatum(call->tenant),
		reason != NULL ? CStringGetTextDatum(reason) : (Datum) 0
	};

	pc_api_write(&plan, values, reason != NULL ? NULL : "  n", reason);
	pc_wake_waiters_at_commit(&intent->id);
	return pc_row_datum(0, PC_PAYMENT_INTENTS);
}

/* Takes back what of the lane was never sent, newest first; false where something was. */
static bool
withdraw_lane(const PcApiCall *call, const PcIntent *intent)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT id FROM paycore.outbox WHERE lane = $1 AND tenant_id = $2 AND finished_at IS NULL "
								 "AND operation IN ('intent.create', 'intent.update', 'intent.confirm', 'intent.capture') "
								 "ORDER BY seq DESC");
	Datum		values[2] = {UUIDPGetDatum(&intent->id), CStringGetTextDatum(call->tenant)};
	uint64		found = pc_api_plumbing(&plan, values, NULL);
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t) * Max(found, 1));
	bool		all = true;

	for (uint64 i = 0; i < found; i++)
		ids[i] = pc_get_id(i, 1);
	for (uint64 i = 0; i < found; i++)
		all &= pc_outbox_withdraw(call->tenant, &ids[i]);
	return all;
}

static Datum
cancel_at_gateway(const PcApiCall *call, const PcIntent *intent, const char *reason)
{
	PcRequest	request;
	PcJsonBuilder b;

	pc_intent_request(call, intent, &request, GW_INTENT_CANCEL);
	pc_json_begin(&b);
	pc_json_add_text(&b, "reason", reason);
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
	return pc_api_read(PC_PAYMENT_INTENTS, call, &intent->id);
}

Datum
pc_intent_cancel(const PcApiCall *call, const PcIntent *intent, const char *reason)
{
	PcGatewayAccount gateway;
	bool		unsent;

	pc_gateway_account(call, intent->gateway_account, &gateway);
	pc_intent_check_not_pending(call, intent, GW_INTENT_CANCEL);
	unsent = withdraw_lane(call, intent);
	if (gateway.manual || (unsent && !intent->at_gateway && intent->status == INTENT_CREATED))
		return mark_canceled(call, intent, reason);
	return cancel_at_gateway(call, intent, reason);
}

/* cancel_payment_intent(id, reason) */
PG_FUNCTION_INFO_V1(paycore_cancel_payment_intent);
PGDLLEXPORT Datum
paycore_cancel_payment_intent(PG_FUNCTION_ARGS)
{
	static const char *const reasons[] = {"duplicate", "fraudulent", "requested_by_customer", "abandoned", NULL};
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	PcApiCall	call;
	PcIntent	intent;
	Datum		row;

	pc_check_one_of(reason, "reason", reasons);
	pc_api_begin(&call);
	pc_intent_lock(&call, &id, &intent);
	if (intent.status == INTENT_SUCCEEDED || intent.status == INTENT_CANCELED || intent.status == INTENT_FAILED)
		pc_intent_wrong_state(&intent, "canceled");
	row = pc_intent_cancel(&call, &intent, reason);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
