/*
 * operations.c
 *		The operations by name, and the gateways.
 */
#include "gateway/gateway.h"

static const char *const operation_names[GW_NOPERATIONS] = {
	[GW_CUSTOMER_CREATE] = "customer.create",
	[GW_CUSTOMER_UPDATE] = "customer.update",
	[GW_CUSTOMER_RETRIEVE] = "customer.retrieve",
	[GW_CUSTOMER_LIST] = "customer.list",
	[GW_METHOD_ATTACH] = "method.attach",
	[GW_METHOD_DETACH] = "method.detach",
	[GW_METHOD_RETRIEVE] = "method.retrieve",
	[GW_INTENT_CREATE] = "intent.create",
	[GW_INTENT_UPDATE] = "intent.update",
	[GW_INTENT_CONFIRM] = "intent.confirm",
	[GW_INTENT_CAPTURE] = "intent.capture",
	[GW_INTENT_CANCEL] = "intent.cancel",
	[GW_INTENT_RETRIEVE] = "intent.retrieve",
	[GW_INTENT_LIST] = "intent.list",
	[GW_CHARGE_RETRIEVE] = "charge.retrieve",
	[GW_REFUND_CREATE] = "refund.create",
	[GW_REFUND_CANCEL] = "refund.cancel",
	[GW_REFUND_RETRIEVE] = "refund.retrieve",
	[GW_REFUND_LIST] = "refund.list",
	[GW_ACCOUNT_RETRIEVE] = "account.retrieve",
	[GW_PAYOUT_RETRIEVE] = "payout.retrieve",
	[GW_BALANCE_LIST] = "balance.list",
	[GW_SETUP_CREATE] = "setup.create",
	[GW_SETUP_CONFIRM] = "setup.confirm",
	[GW_SETUP_CANCEL] = "setup.cancel",
	[GW_SETUP_RETRIEVE] = "setup.retrieve",
	[GW_SETUP_LIST] = "setup.list",
	[GW_MANDATE_RETRIEVE] = "mandate.retrieve",
	[GW_DISPUTE_UPDATE] = "dispute.update",
	[GW_DISPUTE_SUBMIT] = "dispute.submit",
	[GW_DISPUTE_CLOSE] = "dispute.close",
	[GW_DISPUTE_RETRIEVE] = "dispute.retrieve",
	[GW_DISPUTE_LIST] = "dispute.list",
	[GW_WARNING_RETRIEVE] = "warning.retrieve",
	[GW_REVIEW_RETRIEVE] = "review.retrieve",
	[GW_EVENT_LIST] = "event.list",
	[GW_CHARGE_LIST] = "charge.list",
	[GW_PAYOUT_LIST] = "payout.list",
	[GW_METHOD_LIST] = "method.list",
	[GW_WEBHOOK_DELIVER] = "webhook.deliver",
};

static const Gateway *const gateways[] = {&gw_stripe, &gw_mock, &gw_manual, &gw_push};

const char *
gw_operation_name(GwOperation op)
{
	return operation_names[op];
}

int
gw_operation_by_name(const char *name)
{
	for (int op = 0; op < GW_NOPERATIONS; op++)
		if (strcmp(operation_names[op], name) == 0)
			return op;
	return -1;
}

bool
gw_operation_is_read(GwOperation op)
{
	switch (op)
	{
		case GW_CUSTOMER_RETRIEVE:
		case GW_CUSTOMER_LIST:
		case GW_METHOD_RETRIEVE:
		case GW_INTENT_RETRIEVE:
		case GW_INTENT_LIST:
		case GW_CHARGE_RETRIEVE:
		case GW_REFUND_RETRIEVE:
		case GW_REFUND_LIST:
		case GW_ACCOUNT_RETRIEVE:
		case GW_SETUP_RETRIEVE:
		case GW_SETUP_LIST:
		case GW_MANDATE_RETRIEVE:
		case GW_PAYOUT_RETRIEVE:
		case GW_BALANCE_LIST:
		case GW_DISPUTE_RETRIEVE:
		case GW_DISPUTE_LIST:
		case GW_WARNING_RETRIEVE:
		case GW_REVIEW_RETRIEVE:
		case GW_EVENT_LIST:
		case GW_CHARGE_LIST:
		case GW_PAYOUT_LIST:
		case GW_METHOD_LIST:
			return true;
		default:
			return false;
	}
}

bool
gw_operation_is_list(GwOperation op)
{
	switch (op)
	{
		case GW_CUSTOMER_LIST:
		case GW_INTENT_LIST:
		case GW_REFUND_LIST:
		case GW_BALANCE_LIST:
		case GW_SETUP_LIST:
		case GW_DISPUTE_LIST:
		case GW_EVENT_LIST:
		case GW_CHARGE_LIST:
		case GW_PAYOUT_LIST:
		case GW_METHOD_LIST:
			return true;
		default:
			return false;
	}
}

const Gateway *
gw_by_name(const char *name)
{
	for (int i = 0; i < lengthof(gateways); i++)
		if (strcmp(gateways[i]->name, name) == 0)
			return gateways[i];
	return NULL;
}
