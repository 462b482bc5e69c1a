/*
 * stripe_render.c
 *		Operations as Stripe's HTTP requests: method, path, and the form that
 *		stripe_forms.c fills.
 */
#include "gateway/stripe_forms.h"

typedef enum IdKind
{
	ID_NONE, ID_CUSTOMER, ID_METHOD, ID_INTENT, ID_CHARGE, ID_REFUND, ID_PAYOUT, ID_MANDATE, ID_DISPUTE, ID_OBJECT
} IdKind;

typedef struct Route
{
	const char *endpoint;		/* "POST /v1/x/:id": the rate-limit bucket, and the pattern */
	IdKind		id;				/* what stands for :id */
	const char *expand;			/* of the answer, parted by spaces, or NULL */
	void		(*fill) (const GwCall *call, GwForm *form);
} Route;

#define INTENTS "/v1/payment_intents"
#define OF_INTENT "latest_charge.balance_transaction"
#define SETUPS "/v1/setup_intents"
#define OF_SETUP "payment_method mandate"

static const Route routes[GW_NOPERATIONS] = {
	[GW_CUSTOMER_CREATE] = {"POST /v1/customers", ID_NONE, NULL, gw_fill_customer},
	[GW_CUSTOMER_UPDATE] = {"POST /v1/customers/:id", ID_CUSTOMER, NULL, gw_fill_customer},
	[GW_CUSTOMER_RETRIEVE] = {"GET /v1/customers/:id", ID_CUSTOMER, NULL, NULL},
	[GW_CUSTOMER_LIST] = {"GET /v1/customers", ID_NONE, NULL, gw_fill_list},
	[GW_METHOD_ATTACH] = {"POST /v1/payment_methods/:id/attach", ID_METHOD, NULL, gw_fill_attach},
	[GW_METHOD_DETACH] = {"POST /v1/payment_methods/:id/detach", ID_METHOD, NULL, NULL},
	[GW_METHOD_RETRIEVE] = {"GET /v1/payment_methods/:id", ID_METHOD, NULL, NULL},
	[GW_INTENT_CREATE] = {"POST " INTENTS, ID_NONE, OF_INTENT, gw_fill_intent_create},
	[GW_INTENT_UPDATE] = {"POST " INTENTS "/:id", ID_INTENT, OF_INTENT, gw_fill_intent_update},
	[GW_INTENT_CONFIRM] = {"POST " INTENTS "/:id/confirm", ID_INTENT, OF_INTENT,
	gw_fill_intent_confirm},
	[GW_INTENT_CAPTURE] = {"POST " INTENTS "/:id/capture", ID_INTENT, OF_INTENT,
	gw_fill_intent_capture},
	[GW_INTENT_CANCEL] = {"POST " INTENTS "/:id/cancel", ID_INTENT, OF_INTENT, gw_fill_intent_cancel},
	[GW_INTENT_RETRIEVE] = {"GET " INTENTS "/:id", ID_INTENT, OF_INTENT, NULL},
	[GW_INTENT_LIST] = {"GET " INTENTS, ID_NONE, "data." OF_INTENT, gw_fill_intent_list},
	[GW_CHARGE_RETRIEVE] = {"GET /v1/charges/:id", ID_CHARGE, "balance_transaction", NULL},
	[GW_REFUND_CREATE] = {"POST /v1/refunds", ID_NONE, "balance_transaction", gw_fill_refund_create},
	[GW_REFUND_CANCEL] = {"POST /v1/refunds/:id/cancel", ID_REFUND, "balance_transaction", NULL},
	[GW_REFUND_RETRIEVE] = {"GET /v1/refunds/:id", ID_REFUND, "balance_transaction", NULL},
	[GW_REFUND_LIST] = {"GET /v1/refunds", ID_NONE, "data.balance_transaction", gw_fill_refund_list},
	[GW_ACCOUNT_RETRIEVE] = {"GET /v1/account", ID_NONE, NULL, NULL},
	[GW_PAYOUT_RETRIEVE] = {"GET /v1/payouts/:id", ID_PAYOUT, NULL, NULL},
	[GW_BALANCE_LIST] = {"GET /v1/balance_transactions", ID_NONE, NULL, gw_fill_balance_list},
	[GW_SETUP_CREATE] = {"POST " SETUPS, ID_NONE, OF_SETUP, gw_fill_setup_create},
	[GW_SETUP_CONFIRM] = {"POST " SETUPS "/:id/confirm", ID_INTENT, OF_SETUP, gw_fill_setup_confirm},
	[GW_SETUP_CANCEL] = {"POST " SETUPS "/:id/cancel", ID_INTENT, OF_SETUP, gw_fill_setup_cancel},
	[GW_SETUP_RETRIEVE] = {"GET " SETUPS "/:id", ID_INTENT, OF_SETUP, NULL},
	[GW_SETUP_LIST] = {"GET " SETUPS, ID_NONE, "data.payment_method data.mandate", gw_fill_intent_list},
	[GW_MANDATE_RETRIEVE] = {"GET /v1/mandates/:id", ID_MANDATE, NULL, NULL},
	[GW_DISPUTE_UPDATE] = {"POST /v1/disputes/:id", ID_DISPUTE, NULL, gw_fill_dispute},
	[GW_DISPUTE_SUBMIT] = {"POST /v1/disputes/:id", ID_DISPUTE, NULL, gw_fill_dispute},
	[GW_DISPUTE_CLOSE] = {"POST /v1/disputes/:id/close", ID_DISPUTE, NULL, NULL},
	[GW_DISPUTE_RETRIEVE] = {"GET /v1/disputes/:id", ID_DISPUTE, NULL, NULL},
	[GW_DISPUTE_LIST] = {"GET /v1/disputes", ID_NONE, NULL, gw_fill_dispute_list},
	[GW_WARNING_RETRIEVE] = {"GET /v1/radar/early_fraud_warnings/:id", ID_OBJECT, NULL, NULL},
	[GW_REVIEW_RETRIEVE] = {"GET /v1/reviews/:id", ID_OBJECT, NULL, NULL},
	[GW_EVENT_LIST] = {"GET /v1/events", ID_NONE, NULL, gw_fill_large_list},
	[GW_CHARGE_LIST] = {"GET /v1/charges", ID_NONE, "data.balance_transaction", gw_fill_large_list},
	[GW_PAYOUT_LIST] = {"GET /v1/payouts", ID_NONE, NULL, gw_fill_list},
	[GW_METHOD_LIST] = {"GET /v1/customers/:id/payment_methods", ID_CUSTOMER, NULL, gw_fill_list},
};

static const char *
route_id(const GwCall *call, IdKind kind)
{
	switch (kind)
	{
		case ID_CUSTOMER:
			return call->psp_customer_id;
		case ID_METHOD:
			return call->psp_method_id;
		case ID_INTENT:
			return call->psp_intent_id;
		case ID_CHARGE:
			return call->psp_charge_id;
		case ID_REFUND:
			return call->psp_refund_id;
		case ID_PAYOUT:
			return call->psp_payout_id;
		case ID_MANDATE:
			return call->psp_mandate_id;
		case ID_DISPUTE:
			return call->psp_dispute_id;
		case ID_OBJECT:
			return call->psp_object_id;
		case ID_NONE:
			break;
	}
	return NULL;
}

/* The route's path with its id; NULL where there is no (sane) id. */
static char *
route_path(const GwCall *call, const Route *route)
{
	const char *pattern = strchr(route->endpoint, '/');
	const char *hole = strstr(pattern, ":id");
	const char *id = route_id(call, route->id);

	if (hole == NULL)
		return pstrdup(pattern);
	if (id == NULL || *id == '\0' || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return NULL;
	return psprintf("%.*s%s%s", (int) (hole - pattern), pattern,
					gw_percent_encode(id), hole + strlen(":id"));
}

static void
add_expansions(GwForm *form, const char *list)
{
	for (int i = 0; list != NULL; i++)
	{
		const char *space = strchr(list, ' ');

		gw_form_add(form, psprintf("expand[%d]", i), space == NULL ? list : pnstrdup(list, space - list));
		list = space == NULL ? NULL : space + 1;
	}
}

bool
gw_stripe_render(const GwCall *call, GwRequest *request, const char **why)
{
	const Route *route = &routes[call->op];
	bool		reads = gw_operation_is_read(call->op);
	char	   *path;
	GwForm		form;

	if (route->endpoint == NULL)
	{
		*why = "Stripe has no such operation";
		return false;
	}
	path = route_path(call, route);
	if (path == NULL)
	{
		*why = "the object has no id at the gateway yet";
		return false;
	}
	gw_form_init(&form);
	if (route->fill != NULL)
		route->fill(call, &form);
	add_expansions(&form, route->expand);
	if (form.problem != NULL)
	{
		*why = form.problem;
		return false;
	}

	request->method = reads ? "GET" : "POST";
	request->path = reads && form.text.len > 0 ? psprintf("%s?%s", path, form.text.data) : path;
	request->body = reads ? pstrdup("") : form.text.data;
	request->api_version = STRIPE_VERSION;
	request->endpoint = route->endpoint;
	return true;
}
