/*
 * mock_action.c
 *		complete_mock_action(): plays the payer who confirms with the bank, or
 *		fails to, where the gateway is the mock.
 */
#include "common/paycore.h"

#include "api/api.h"

static void
check_mock(const PcApiCall *call, const PcIntent *intent)
{
	PcGatewayAccount gateway;

	pc_gateway_account(call, intent->gateway_account, &gateway);
	if (strcmp(gateway.gateway_name, "mock") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("only the mock gateway's payers act by SQL"),
				 errdetail("Gateway account \"%s\" is of gateway %s.", gateway.name, gateway.gateway_name)));
	if (intent->status != INTENT_REQUIRES_ACTION)
		pc_intent_wrong_state(intent, "acted upon");
}

/* complete_mock_action(id, succeeds) */
PG_FUNCTION_INFO_V1(paycore_complete_mock_action);
PGDLLEXPORT Datum
paycore_complete_mock_action(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcIntent	intent;
	PcRequest	request;
	PcJsonBuilder b;
	Datum		row;

	pc_api_begin(&call);
	pc_intent_lock(&call, &id, &intent);
	check_mock(&call, &intent);
	pc_intent_request(&call, &intent, &request, GW_INTENT_RETRIEVE);
	pc_json_begin(&b);
	pc_json_add_text(&b, "outcome", pc_getarg_bool(fcinfo, 1, true) ? "succeed" : "fail");
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
	row = pc_api_read(PC_PAYMENT_INTENTS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
