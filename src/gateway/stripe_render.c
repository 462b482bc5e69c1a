/*
 * stripe_render.c
 *		Operations as Stripe's HTTP requests: method, path, form.
 */
#include "gateway/form.h"
#include "gateway/stripe.h"

#include "utils/formatting.h"

#define LIST_LIMIT "100"
#define FEWER_LIMIT "50"		/* of what carries further objects */

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

static void fill_customer(const GwCall *call, GwForm *form);
static void fill_attach(const GwCall *call, GwForm *form);
static void fill_intent_create(const GwCall *call, GwForm *form);
static void fill_intent_update(const GwCall *call, GwForm *form);
static void fill_intent_confirm(const GwCall *call, GwForm *form);
static void fill_intent_capture(const GwCall *call, GwForm *form);
static void fill_intent_cancel(const GwCall *call, GwForm *form);
static void fill_refund_create(const GwCall *call, GwForm *form);
static void fill_setup_create(const GwCall *call, GwForm *form);
static void fill_setup_confirm(const GwCall *call, GwForm *form);
static void fill_setup_cancel(const GwCall *call, GwForm *form);
static void fill_list(const GwCall *call, GwForm *form);
static void fill_intent_list(const GwCall *call, GwForm *form);
static void fill_refund_list(const GwCall *call, GwForm *form);
static void fill_balance_list(const GwCall *call, GwForm *form);
static void fill_dispute(const GwCall *call, GwForm *form);
static void fill_dispute_list(const GwCall *call, GwForm *form);
static void fill_large_list(const GwCall *call, GwForm *form);

#define INTENTS "/v1/payment_intents"
#define OF_INTENT "latest_charge.balance_transaction"
#define SETUPS "/v1/setup_intents"
#define OF_SETUP "payment_method mandate"

static const Route routes[GW_NOPERATIONS] = {
	[GW_CUSTOMER_CREATE] = {"POST /v1/customers", ID_NONE, NULL, fill_customer},
	[GW_CUSTOMER_UPDATE] = {"POST /v1/customers/:id", ID_CUSTOMER, NULL, fill_customer},
	[GW_CUSTOMER_RETRIEVE] = {"GET /v1/customers/:id", ID_CUSTOMER, NULL, NULL},
	[GW_CUSTOMER_LIST] = {"GET /v1/customers", ID_NONE, NULL, fill_list},
	[GW_METHOD_ATTACH] = {"POST /v1/payment_methods/:id/attach", ID_METHOD, NULL, fill_attach},
	[GW_METHOD_DETACH] = {"POST /v1/payment_methods/:id/detach", ID_METHOD, NULL, NULL},
	[GW_METHOD_RETRIEVE] = {"GET /v1/payment_methods/:id", ID_METHOD, NULL, NULL},
	[GW_INTENT_CREATE] = {"POST " INTENTS, ID_NONE, OF_INTENT, fill_intent_create},
	[GW_INTENT_UPDATE] = {"POST " INTENTS "/:id", ID_INTENT, OF_INTENT, fill_intent_update},
	[GW_INTENT_CONFIRM] = {"POST " INTENTS "/:id/confirm", ID_INTENT, OF_INTENT,
	fill_intent_confirm},
	[GW_INTENT_CAPTURE] = {"POST " INTENTS "/:id/capture", ID_INTENT, OF_INTENT,
	fill_intent_capture},
	[GW_INTENT_CANCEL] = {"POST " INTENTS "/:id/cancel", ID_INTENT, OF_INTENT, fill_intent_cancel},
	[GW_INTENT_RETRIEVE] = {"GET " INTENTS "/:id", ID_INTENT, OF_INTENT, NULL},
	[GW_INTENT_LIST] = {"GET " INTENTS, ID_NONE, "data." OF_INTENT, fill_intent_list},
	[GW_CHARGE_RETRIEVE] = {"GET /v1/charges/:id", ID_CHARGE, "balance_transaction", NULL},
	[GW_REFUND_CREATE] = {"POST /v1/refunds", ID_NONE, "balance_transaction", fill_refund_create},
	[GW_REFUND_CANCEL] = {"POST /v1/refunds/:id/cancel", ID_REFUND, "balance_transaction", NULL},
	[GW_REFUND_RETRIEVE] = {"GET /v1/refunds/:id", ID_REFUND, "balance_transaction", NULL},
	[GW_REFUND_LIST] = {"GET /v1/refunds", ID_NONE, "data.balance_transaction", fill_refund_list},
	[GW_ACCOUNT_RETRIEVE] = {"GET /v1/account", ID_NONE, NULL, NULL},
	[GW_PAYOUT_RETRIEVE] = {"GET /v1/payouts/:id", ID_PAYOUT, NULL, NULL},
	[GW_BALANCE_LIST] = {"GET /v1/balance_transactions", ID_NONE, NULL, fill_balance_list},
	[GW_SETUP_CREATE] = {"POST " SETUPS, ID_NONE, OF_SETUP, fill_setup_create},
	[GW_SETUP_CONFIRM] = {"POST " SETUPS "/:id/confirm", ID_INTENT, OF_SETUP, fill_setup_confirm},
	[GW_SETUP_CANCEL] = {"POST " SETUPS "/:id/cancel", ID_INTENT, OF_SETUP, fill_setup_cancel},
	[GW_SETUP_RETRIEVE] = {"GET " SETUPS "/:id", ID_INTENT, OF_SETUP, NULL},
	[GW_SETUP_LIST] = {"GET " SETUPS, ID_NONE, "data.payment_method data.mandate", fill_intent_list},
	[GW_MANDATE_RETRIEVE] = {"GET /v1/mandates/:id", ID_MANDATE, NULL, NULL},
	[GW_DISPUTE_UPDATE] = {"POST /v1/disputes/:id", ID_DISPUTE, NULL, fill_dispute},
	[GW_DISPUTE_SUBMIT] = {"POST /v1/disputes/:id", ID_DISPUTE, NULL, fill_dispute},
	[GW_DISPUTE_CLOSE] = {"POST /v1/disputes/:id/close", ID_DISPUTE, NULL, NULL},
	[GW_DISPUTE_RETRIEVE] = {"GET /v1/disputes/:id", ID_DISPUTE, NULL, NULL},
	[GW_DISPUTE_LIST] = {"GET /v1/disputes", ID_NONE, NULL, fill_dispute_list},
	[GW_WARNING_RETRIEVE] = {"GET /v1/radar/early_fraud_warnings/:id", ID_OBJECT, NULL, NULL},
	[GW_REVIEW_RETRIEVE] = {"GET /v1/reviews/:id", ID_OBJECT, NULL, NULL},
	[GW_EVENT_LIST] = {"GET /v1/events", ID_NONE, NULL, fill_large_list},
	[GW_CHARGE_LIST] = {"GET /v1/charges", ID_NONE, "data.balance_transaction", fill_large_list},
	[GW_PAYOUT_LIST] = {"GET /v1/payouts", ID_NONE, NULL, fill_list},
	[GW_METHOD_LIST] = {"GET /v1/customers/:id/payment_methods", ID_CUSTOMER, NULL, fill_list},
};

/* Parameters that paycore answers for: gateway_params may not carry them. */
static const char *const ours[] = {
	"amount", "currency", "customer", "metadata", "confirm", "expand"
};

static void
add_param(GwForm *form, const Jsonb *params, const char *key)
{
	gw_form_add_value(form, key, pc_json_path(params, key, NULL));
}

/* Where a value is null on purpose: sent empty, which unsets it. */
static void
add_or_unset(GwForm *form, const Jsonb *params, const char *key)
{
	JsonbValue *value = NULL;

	if (params != NULL && JB_ROOT_IS_OBJECT(params))
		value = getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &params->root),
											 key, strlen(key), NULL);
	gw_form_add_value(form, key, value);
}

static void
add_object(GwForm *form, const char *name, const Jsonb *object)
{
	JsonbValue	v = {.type = jbvBinary};

	if (object == NULL || JB_ROOT_COUNT(object) == 0)
		return;
	v.val.binary.data = unconstify(JsonbContainer *, &object->root);
	v.val.binary.len = VARSIZE(object) - VARHDRSZ;
	gw_form_add_value(form, name, &v);
}

static void
require(GwForm *form, const char *name, const char *value, const char *problem)
{
	if (value == NULL || *value == '\0')
		form->problem = problem;
	gw_form_add(form, name, value);
}

bool
gw_params_money(const Jsonb *params, PcMoney *money)
{
	char	   *code = pc_json_string(params, "currency");
	const PcCurrencyInfo *currency;
	int64		amount;

	if (code == NULL || !pc_json_int64(params, "amount", &amount) || !pc_money_in_range(amount))
		return false;
	currency = pc_currency_by_code(code, strlen(code));
	if (currency == NULL)
		return false;
	*money = pc_money_pack(currency->numeric_code, amount);
	return true;
}

static void
add_amount(GwForm *form, const char *name, const Jsonb *params)
{
	PcMoney		money;
	int64		amount;

	if (!gw_params_money(params, &money))
		form->problem = "amount or currency is missing or malformed";
	else if (!gw_stripe_amount_out(money, &amount))
		form->problem = "the gateway cannot represent the amount in this currency";
	else
		gw_form_add_int64(form, name, amount);
}

static void
add_currency(GwForm *form, const Jsonb *params)
{
	char	   *code = pc_json_string(params, "currency");

	gw_form_add(form, "currency", code == NULL ? NULL : asc_tolower(code, strlen(code)));
}

static void
add_metadata(const GwCall *call, GwForm *form)
{
	add_object(form, "metadata", gw_stripe_metadata(call));
}

/* Only values that the gateway knows; anything else stays with us. */
static void
add_one_of(GwForm *form, const char *name, const char *value, const char *const *known)
{
	for (; value != NULL && *known != NULL; known++)
		if (strcmp(value, *known) == 0)
			gw_form_add(form, name, value);
}

static void
add_payment_method(const GwCall *call, GwForm *form)
{
	char	   *named = pc_json_string(call->params, "payment_method");

	gw_form_add(form, "payment_method", call->psp_method_id != NULL ? call->psp_method_id : named);
}

/* What is wrong with a key of gateway_params, NULL = nothing. */
static const char *
extra_key_problem(const GwForm *form, const char *key)
{
	for (int i = 0; i < lengthof(ours); i++)
		if (strcmp(key, ours[i]) == 0)
			return psprintf("gateway_params may not contain %s", key);
	if (gw_form_has(form, gw_percent_encode(key)))
		return psprintf("gateway_params repeats the argument %s", key);
	return gw_form_key_problem(key);
}

static void
add_gateway_params(const GwCall *call, GwForm *form)
{
	Jsonb	   *extra = pc_json_object(call->params, "gateway_params");
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (extra == NULL || !JB_ROOT_IS_OBJECT(extra))
		return;
	it = JsonbIteratorInit(&extra->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			const char *problem;

			key = pc_json_value_text(&v);
			problem = extra_key_problem(form, key);
			if (problem != NULL)
				form->problem = problem;
		}
		else if (token == WJB_VALUE)
			gw_form_add_value(form, gw_percent_encode(key), &v);
	}
}

static void
fill_customer(const GwCall *call, GwForm *form)
{
	static const char *const fields[] = {"name", "email", "phone", "address", "tax_exempt"};
	bool		creates = call->op == GW_CUSTOMER_CREATE;

	for (int i = 0; i < lengthof(fields); i++)
		if (creates)
			add_param(form, call->params, fields[i]);
		else
			add_or_unset(form, call->params, fields[i]);
	gw_form_add(form, "preferred_locales[0]", pc_json_string(call->params, "locale"));
	add_metadata(call, form);
}

static void
fill_attach(const GwCall *call, GwForm *form)
{
	require(form, "customer", call->psp_customer_id, "the customer has no id at the gateway yet");
}

/* Methods that redirect need somewhere to come back to. */
static void
add_method_choice(const GwCall *call, GwForm *form)
{
	if (gw_form_has(form, "payment_method_types") || gw_form_has(form, "automatic_payment_methods"))
		return;
	if (pc_json_string(call->params, "return_url") != NULL)
		return;
	gw_form_add(form, "automatic_payment_methods[enabled]", "true");
	gw_form_add(form, "automatic_payment_methods[allow_redirects]", "never");
}

static void
fill_intent_create(const GwCall *call, GwForm *form)
{
	const Jsonb *params = call->params;

	add_amount(form, "amount", params);
	add_currency(form, params);
	gw_form_add(form, "customer", call->psp_customer_id);
	add_payment_method(call, form);
	if (pc_json_array_length(pc_json_object(params, "payment_method_types")) > 0)
		add_param(form, params, "payment_method_types");
	add_param(form, params, "capture_method");
	add_param(form, params, "confirmation_method");
	add_param(form, params, "setup_future_usage");
	add_param(form, params, "description");
	add_param(form, params, "statement_descriptor_suffix");
	if (pc_json_bool(params, "confirm", false))
	{
		/* Stripe refuses these two unless it confirms at once. */
		gw_form_add(form, "confirm", "true");
		if (pc_json_bool(params, "off_session", false))
			gw_form_add(form, "off_session", "true");
		add_param(form, params, "return_url");
	}
	add_gateway_params(call, form);
	add_method_choice(call, form);
	add_metadata(call, form);
}

static void
fill_intent_update(const GwCall *call, GwForm *form)
{
	if (pc_json_path(call->params, "amount", NULL) != NULL)
		add_amount(form, "amount", call->params);
	add_or_unset(form, call->params, "description");
	add_metadata(call, form);
}

static void
fill_intent_confirm(const GwCall *call, GwForm *form)
{
	add_payment_method(call, form);
	if (pc_json_bool(call->params, "off_session", false))
		gw_form_add(form, "off_session", "true");
	add_param(form, call->params, "return_url");
	add_gateway_params(call, form);
}

static void
fill_intent_capture(const GwCall *call, GwForm *form)
{
	if (pc_json_path(call->params, "amount", NULL) != NULL)
		add_amount(form, "amount_to_capture", call->params);
}

static void
fill_intent_cancel(const GwCall *call, GwForm *form)
{
	static const char *const reasons[] = {
		"duplicate", "fraudulent", "requested_by_customer", "abandoned", NULL
	};

	add_one_of(form, "cancellation_reason", pc_json_string(call->params, "reason"), reasons);
}

static void
fill_setup_create(const GwCall *call, GwForm *form)
{
	const Jsonb *params = call->params;

	gw_form_add(form, "customer", call->psp_customer_id);
	add_payment_method(call, form);
	if (pc_json_array_length(pc_json_object(params, "payment_method_types")) > 0)
		add_param(form, params, "payment_method_types");
	add_param(form, params, "usage");
	add_param(form, params, "description");
	if (pc_json_bool(params, "confirm", false))
	{
		gw_form_add(form, "confirm", "true");
		add_param(form, params, "return_url");
	}
	add_gateway_params(call, form);
	add_method_choice(call, form);
	add_metadata(call, form);
}

static void
fill_setup_confirm(const GwCall *call, GwForm *form)
{
	add_payment_method(call, form);
	add_param(form, call->params, "return_url");
	add_gateway_params(call, form);
}

static void
fill_setup_cancel(const GwCall *call, GwForm *form)
{
	static const char *const reasons[] = {"abandoned", "duplicate", "requested_by_customer", NULL};

	add_one_of(form, "cancellation_reason", pc_json_string(call->params, "reason"), reasons);
}

static void
add_parent(const GwCall *call, GwForm *form)
{
	if (call->psp_intent_id != NULL)
		gw_form_add(form, "payment_intent", call->psp_intent_id);
	else
		require(form, "charge", call->psp_charge_id,
				"the payment has no id at the gateway yet");
}

static void
fill_refund_create(const GwCall *call, GwForm *form)
{
	static const char *const reasons[] = {
		"duplicate", "fraudulent", "requested_by_customer", NULL
	};

	add_parent(call, form);
	add_amount(form, "amount", call->params);
	add_one_of(form, "reason", pc_json_string(call->params, "reason"), reasons);
	add_metadata(call, form);
}

static void
fill_page(const GwCall *call, GwForm *form, const char *limit)
{
	int64		since;

	if (pc_json_int64(call->params, "created_gte", &since))
		gw_form_add_int64(form, "created[gte]", since);
	gw_form_add(form, "starting_after", pc_json_string(call->params, "starting_after"));
	gw_form_add(form, "limit", limit);
}

static void
fill_list(const GwCall *call, GwForm *form)
{
	fill_page(call, form, LIST_LIMIT);
}

static void
fill_large_list(const GwCall *call, GwForm *form)
{
	fill_page(call, form, FEWER_LIMIT);
}

/* Of one customer, or of all. */
static void
fill_intent_list(const GwCall *call, GwForm *form)
{
	gw_form_add(form, "customer", call->psp_customer_id);
	fill_page(call, form, LIST_LIMIT);
}

static void
fill_refund_list(const GwCall *call, GwForm *form)
{
	if (pc_json_string(call->params, "feed") == NULL)
		add_parent(call, form);
	fill_list(call, form);
}

/* Of one payout where it is given, else of all. */
static void
fill_balance_list(const GwCall *call, GwForm *form)
{
	gw_form_add(form, "payout", call->psp_payout_id);
	fill_list(call, form);
}

/* Stripe submits unless told not to, so it is always told. */
static void
fill_dispute(const GwCall *call, GwForm *form)
{
	Jsonb	   *evidence = pc_json_object(call->params, "evidence");

	add_object(form, "evidence", evidence);
	if (pc_json_object(call->params, "metadata") != NULL)
		add_metadata(call, form);
	gw_form_add(form, "submit", call->op == GW_DISPUTE_SUBMIT ? "true" : "false");
}

static void
fill_dispute_list(const GwCall *call, GwForm *form)
{
	if (pc_json_string(call->params, "feed") == NULL)
		require(form, "charge", call->psp_charge_id, "the payment has no id at the gateway yet");
	fill_list(call, form);
}

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
