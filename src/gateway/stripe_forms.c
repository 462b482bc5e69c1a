/*
 * stripe_forms.c
 *		What each of Stripe's requests carries.
 */
#include "gateway/stripe_forms.h"

#include "utils/formatting.h"

#define LIST_LIMIT "100"
#define FEWER_LIMIT "50"		/* of what carries further objects */

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

void
gw_fill_customer(const GwCall *call, GwForm *form)
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

void
gw_fill_attach(const GwCall *call, GwForm *form)
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

/* Of both kinds of intents: who pays, and by what. */
static void
add_payer(const GwCall *call, GwForm *form)
{
	gw_form_add(form, "customer", call->psp_customer_id);
	add_payment_method(call, form);
	if (pc_json_array_length(pc_json_object(call->params, "payment_method_types")) > 0)
		add_param(form, call->params, "payment_method_types");
}

/* And what comes last, for it depends on what the user has added. */
static void
add_rest(const GwCall *call, GwForm *form)
{
	add_gateway_params(call, form);
	add_method_choice(call, form);
	add_metadata(call, form);
}

void
gw_fill_intent_create(const GwCall *call, GwForm *form)
{
	const Jsonb *params = call->params;

	add_amount(form, "amount", params);
	add_currency(form, params);
	add_payer(call, form);
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
	add_rest(call, form);
}

void
gw_fill_intent_update(const GwCall *call, GwForm *form)
{
	if (pc_json_path(call->params, "amount", NULL) != NULL)
		add_amount(form, "amount", call->params);
	add_or_unset(form, call->params, "description");
	add_metadata(call, form);
}

void
gw_fill_intent_confirm(const GwCall *call, GwForm *form)
{
	add_payment_method(call, form);
	if (pc_json_bool(call->params, "off_session", false))
		gw_form_add(form, "off_session", "true");
	add_param(form, call->params, "return_url");
	add_gateway_params(call, form);
}

void
gw_fill_intent_capture(const GwCall *call, GwForm *form)
{
	if (pc_json_path(call->params, "amount", NULL) != NULL)
		add_amount(form, "amount_to_capture", call->params);
}

void
gw_fill_intent_cancel(const GwCall *call, GwForm *form)
{
	static const char *const reasons[] = {
		"duplicate", "fraudulent", "requested_by_customer", "abandoned", NULL
	};

	add_one_of(form, "cancellation_reason", pc_json_string(call->params, "reason"), reasons);
}

void
gw_fill_setup_create(const GwCall *call, GwForm *form)
{
	const Jsonb *params = call->params;

	add_payer(call, form);
	add_param(form, params, "usage");
	add_param(form, params, "description");
	if (pc_json_bool(params, "confirm", false))
	{
		gw_form_add(form, "confirm", "true");
		add_param(form, params, "return_url");
	}
	add_rest(call, form);
}

void
gw_fill_setup_confirm(const GwCall *call, GwForm *form)
{
	add_payment_method(call, form);
	add_param(form, call->params, "return_url");
	add_gateway_params(call, form);
}

void
gw_fill_setup_cancel(const GwCall *call, GwForm *form)
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

void
gw_fill_refund_create(const GwCall *call, GwForm *form)
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
	int64		time;

	if (pc_json_int64(call->params, "created_gte", &time))
		gw_form_add_int64(form, "created[gte]", time);
	if (pc_json_int64(call->params, "created_lt", &time))
		gw_form_add_int64(form, "created[lt]", time);
	gw_form_add(form, "starting_after", pc_json_string(call->params, "starting_after"));
	gw_form_add(form, "limit", limit);
}

void
gw_fill_list(const GwCall *call, GwForm *form)
{
	fill_page(call, form, LIST_LIMIT);
}

void
gw_fill_large_list(const GwCall *call, GwForm *form)
{
	fill_page(call, form, FEWER_LIMIT);
}

/* Of one customer, or of all. */
void
gw_fill_intent_list(const GwCall *call, GwForm *form)
{
	gw_form_add(form, "customer", call->psp_customer_id);
	fill_page(call, form, LIST_LIMIT);
}

void
gw_fill_refund_list(const GwCall *call, GwForm *form)
{
	if (pc_json_string(call->params, "feed") == NULL)
		add_parent(call, form);
	gw_fill_list(call, form);
}

/* Of one payout where it is given, else of all. */
void
gw_fill_balance_list(const GwCall *call, GwForm *form)
{
	gw_form_add(form, "payout", call->psp_payout_id);
	gw_fill_list(call, form);
}

/* Stripe submits unless told not to, so it is always told. */
void
gw_fill_dispute(const GwCall *call, GwForm *form)
{
	Jsonb	   *evidence = pc_json_object(call->params, "evidence");

	add_object(form, "evidence", evidence);
	if (pc_json_object(call->params, "metadata") != NULL)
		add_metadata(call, form);
	gw_form_add(form, "submit", call->op == GW_DISPUTE_SUBMIT ? "true" : "false");
}

void
gw_fill_dispute_list(const GwCall *call, GwForm *form)
{
	if (pc_json_string(call->params, "feed") == NULL)
		require(form, "charge", call->psp_charge_id, "the payment has no id at the gateway yet");
	gw_fill_list(call, form);
}
