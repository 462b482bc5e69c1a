/*
 * discounts.c
 *		apply_coupon(), apply_account_coupon(), remove_discount(), discounts_of(),
 *		and a coupon for one invoice, a draft.
 *
 * What the coupon and the code allow by themselves (how often, until when, for
 * whom) the guard count_redemption() holds; here is what else has to be asked.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "funcapi.h"
#include "subscriptions/subscriptions.h"
#include "types/money_args.h"

/* What is to be had by a code. */
typedef struct Offer
{
	const char *code;
	const char *what;
	pg_uuid_t	coupon;
	pg_uuid_t	promotion_code;
	bool		by_promotion;
	bool		of_products;
	PcMoney		amount_off;
	bool		is_amount;
	bool		first_time_only;
	PcMoney		minimum;
	bool		has_minimum;
} Offer;

/* Who is to have it. */
typedef struct Taker
{
	PcAccount	account;
	const pg_uuid_t *subscription;
	const pg_uuid_t *draft;		/* neither: the whole account */
} Taker;

static const char *
name_of(const Taker *taker)
{
	return taker->draft != NULL ? "invoice" : taker->subscription != NULL ? "subscription" : "account";
}

static PcMoney
money_or_none(int column, bool *given)
{
	bool		isnull;
	Datum		value = pc_get(0, column, &isnull);

	*given = !isnull;
	return isnull ? 0 : DatumGetPcMoney(value);
}

/* A coupon's own code comes before a promotion code. */
static void
find_offer(const PcApiCall *call, const char *code, bool promotion_only, Offer *offer)
{
	static PcPlan by_coupon = PC_PLAN("tt",
									  "SELECT c.id, c.product_ids <> '{}', c.amount_off FROM paycore.coupons c "
									  "WHERE c.code = $1 AND c.tenant_id = $2");
	static PcPlan by_promotion = PC_PLAN("tt",
										 "SELECT c.id, c.product_ids <> '{}', c.amount_off, p.id, p.first_time_only, p.minimum "
										 "FROM paycore.promotion_codes p JOIN paycore.coupons c ON c.id = p.coupon_id AND c.tenant_id = p.tenant_id "
										 "WHERE lower(p.code COLLATE \"C\") = lower($1 COLLATE \"C\") AND p.tenant_id = $2");
	Datum		values[2] = {CStringGetTextDatum(code), CStringGetTextDatum(call->tenant)};

	offer->code = code;
	offer->by_promotion = promotion_only || pc_execute(&by_coupon, values, NULL, false, 1) == 0;
	offer->what = offer->by_promotion ? "promotion code" : "coupon";
	if (offer->by_promotion && pc_execute(&by_promotion, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("there is no %s \"%s\"", promotion_only ? "promotion code" : "coupon or promotion code", code),
				 errdetail("Looked for in tenant \"%s\".", call->tenant),
				 errhint("See paycore.list_promotion_codes() and paycore.list_coupons().")));
	offer->coupon = pc_get_id(0, 1);
	offer->of_products = pc_get_bool(0, 2);
	offer->amount_off = money_or_none(3, &offer->is_amount);
	if (!offer->by_promotion)
		return;
	offer->promotion_code = pc_get_id(0, 4);
	offer->first_time_only = pc_get_bool(0, 5);
	offer->minimum = money_or_none(6, &offer->has_minimum);
}

static void
refuse(const Offer *offer, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_REDEEMABLE),
			 errmsg("%s \"%s\" cannot be redeemed", offer->what, offer->code),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}

/* Items that run, of the subscription or of the whole account. */
#define RUNNING_ITEMS \
	"FROM paycore.subscription_items i WHERE i.billing_account_id = $1 AND i.tenant_id = $2 AND i.ends_at IS NULL " \
	"AND ($3 IS NULL OR i.subscription_id = $3)"

/* Of the account $1 of tenant $2, its subscription $3 or all, and the coupon or code $4. */
static uint64
ask(PcPlan *plan, const PcApiCall *call, const Taker *taker, const pg_uuid_t *offered)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &taker->account.id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, taker->subscription);
	pc_arg_uuid(&a, offered);
	pc_args_end(&a, plan);
	return pc_execute(plan, a.values, a.nulls, false, 1);
}

static void
check_products(const PcApiCall *call, const Offer *offer, const Taker *taker)
{
	static PcPlan plan = PC_PLAN("utuu",
								 "SELECT 1 " RUNNING_ITEMS " AND i.product_id = ANY "
								 "((SELECT c.product_ids FROM paycore.coupons c WHERE c.id = $4 AND c.tenant_id = $2)::uuid[])");

	if (offer->of_products && taker->subscription != NULL && ask(&plan, call, taker, &offer->coupon) == 0)
		refuse(offer, "The subscription has none of the products that it is for.", "Apply it to a subscription that has one.");
}

/* What is paid for one interval, before discounts and taxes, is at least the minimum. */
static void
check_minimum(const PcApiCall *call, const Offer *offer, const Taker *taker)
{
	static PcPlan plan = PC_PLAN("utuu",
								 "SELECT coalesce(sum(paycore.cents(a.amount)), 0) >= paycore.cents((SELECT m.minimum FROM paycore.promotion_codes m "
								 "WHERE m.id = $4 AND m.tenant_id = $2)) FROM (SELECT i.price_id, i.quantity, i.subscription_id " RUNNING_ITEMS ") i "
								 "JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = $2 "
								 "JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $2 "
								 "JOIN paycore.price_currencies c ON c.price_id = p.id AND c.tenant_id = $2 AND c.currency OPERATOR(paycore.=) s.currency "
								 "CROSS JOIN LATERAL paycore.price_amount(p.model, i.quantity, c.currency, c.unit_price, c.tiers, p.package_size, "
								 "p.free_units, c.minimum, c.maximum, p.rounding) a(amount)");
	static PcPlan of_draft = PC_PLAN("utu",
									 "SELECT coalesce(sum(paycore.cents(e.amount)), 0) >= paycore.cents((SELECT m.minimum FROM paycore.promotion_codes m "
									 "WHERE m.id = $3 AND m.tenant_id = $2)) FROM paycore.extra_charges e "
									 "WHERE e.draft_id = $1 AND e.tenant_id = $2 AND e.removed_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(taker->draft), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&offer->promotion_code)};
	char		text[PC_MONEY_TEXT_LEN];

	if (!offer->has_minimum)
		return;
	(void) pc_money_to_text(offer->minimum, text);
	if (pc_money_currency(offer->minimum) != taker->account.currency)
		refuse(offer, psprintf("It is for %s or more, and the account is in another currency.", text), "Give a code for the account's currency.");
	if (taker->draft != NULL)
		pc_execute(&of_draft, values, NULL, false, 1);
	else
		ask(&plan, call, taker, &offer->promotion_code);
	if (!pc_get_bool(0, 1))
		refuse(offer, psprintf("What is %s costs less than %s.", taker->draft != NULL ? "on the invoice" : "subscribed to", text),
			   taker->draft != NULL ? "Add its lines first, or give another code." : "Subscribe to more, or give another code.");
}

static void
check_first_time(const PcApiCall *call, const Offer *offer, const Taker *taker)
{
	static PcPlan plan = PC_PLAN("utuu",
								 "SELECT 1 FROM paycore.payments p WHERE p.billing_account_id = $1 AND p.tenant_id = $2 "
								 "AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status");

	if (offer->first_time_only && ask(&plan, call, taker, NULL) > 0)
		refuse(offer, "It is for accounts that have not paid before.", "Give another code.");
}

static Datum
insert_row(const PcApiCall *call, const Offer *offer, const Taker *taker)
{
	static PcPlan plan = PC_PLAN_ROW("utuuuuz",
									 "INSERT INTO paycore.discounts (coupon_id, tenant_id, promotion_code_id, billing_account_id, subscription_id, "
									 "invoice_id, starts_at, periods_left) SELECT c.id, c.tenant_id, $3, $4, $5, $6, $7, "
									 "CASE c.duration WHEN 'once' THEN 1 ELSE c.duration_periods END "
									 "FROM paycore.coupons c WHERE c.id = $1 AND c.tenant_id = $2 "
									 "ON CONFLICT DO NOTHING RETURNING %s", PC_DISCOUNTS);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &offer->coupon);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, offer->by_promotion ? &offer->promotion_code : NULL);
	pc_arg_uuid(&a, &taker->account.id);
	pc_arg_uuid(&a, taker->subscription);
	pc_arg_uuid(&a, taker->draft);
	pc_arg(&a, TimestampTzGetDatum(pc_billing_now(call)), false);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		refuse(offer, psprintf("The %s has its coupon already, or has used it up.", name_of(taker)),
			   "The same coupon is given once: see paycore.list_discounts().");
	return pc_row_datum(0, PC_DISCOUNTS);
}

static Datum
apply(const PcApiCall *call, const char *code, bool promotion_only, const Taker *taker)
{
	Offer		offer = {0};

	pc_account_check_active(&taker->account);
	find_offer(call, code, promotion_only, &offer);
	if (offer.is_amount && pc_money_currency(offer.amount_off) != taker->account.currency)
		refuse(&offer, psprintf("It is in %s, and the account is in %s.",
								pc_currency_by_number(pc_money_currency(offer.amount_off))->code,
								pc_currency_by_number(taker->account.currency)->code),
			   "Give a coupon of the account's currency, or one of a percentage.");
	check_products(call, &offer, taker);
	check_minimum(call, &offer, taker);
	check_first_time(call, &offer, taker);
	return insert_row(call, &offer, taker);
}

Datum
sub_apply_draft_coupon(const PcApiCall *call, const pg_uuid_t *account, const pg_uuid_t *draft, const char *code, bool promotion_only)
{
	Taker		taker = {.draft = draft};

	pc_account_get(call, account, &taker.account);
	return apply(call, code, promotion_only, &taker);
}

/* apply_coupon(subscription_id, code, promotion_only) */
PG_FUNCTION_INFO_V1(paycore_apply_coupon);
PGDLLEXPORT Datum
paycore_apply_coupon(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT billing_account_id FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "subscription_id");
	char	   *code = pc_getarg_given_text(fcinfo, 1, "code");
	Taker		taker = {.subscription = &id};
	pg_uuid_t	account;
	PcApiCall	call;
	Subscription s;
	Datum		values[2];
	Datum		row;

	pc_api_begin(&call);
	sub_lock(&call, &id, &s);
	if (s.status == SUBSCRIPTION_CANCELED)
		sub_wrong_state(&s, "discounted");
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_execute(&plan, values, NULL, false, 1);
	account = pc_get_id(0, 1);
	pc_account_get(&call, &account, &taker.account);
	row = apply(&call, code, pc_getarg_bool(fcinfo, 2, false), &taker);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* apply_account_coupon(billing_account_id, code, promotion_only) */
PG_FUNCTION_INFO_V1(paycore_apply_account_coupon);
PGDLLEXPORT Datum
paycore_apply_account_coupon(PG_FUNCTION_ARGS)
{
	pg_uuid_t	account = pc_getarg_uuid(fcinfo, 0, "billing_account_id");
	char	   *code = pc_getarg_given_text(fcinfo, 1, "code");
	Taker		taker = {0};
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	pc_account_get(&call, &account, &taker.account);
	row = apply(&call, code, pc_getarg_bool(fcinfo, 2, false), &taker);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* remove_discount(id) */
PG_FUNCTION_INFO_V1(paycore_remove_discount);
PGDLLEXPORT Datum
paycore_remove_discount(PG_FUNCTION_ARGS)
{
	static PcPlan lock = PC_PLAN("ut", "SELECT ends_at FROM paycore.discounts WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.discounts SET ends_at = greatest(starts_at, $3) WHERE id = $1 AND tenant_id = $2 RETURNING %s",
									 PC_DISCOUNTS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	if (pc_execute(&lock, values, NULL, false, 1) == 0)
		pc_not_found("discount", &id);
	if (pc_get_time(0, 1) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("discount %s is over", pc_uuid_text(&id)),
				 errdetail("It ended %s.", timestamptz_to_str(pc_get_time(0, 1))),
				 errhint("There is nothing to remove.")));
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_api_row(PC_DISCOUNTS, "discount", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* discounts_of(subscription_id) */
PG_FUNCTION_INFO_V1(paycore_discounts_of);
PGDLLEXPORT Datum
paycore_discounts_of(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "SELECT %s FROM paycore.discounts WHERE tenant_id = $2 AND ends_at IS NULL "
									 "AND coalesce(subscription_id, $1) = $1 AND invoice_id IS NULL AND billing_account_id = "
									 "(SELECT s.billing_account_id FROM paycore.subscriptions s WHERE s.id = $1 AND s.tenant_id = $2) ORDER BY id",
									 PC_DISCOUNTS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "subscription_id");
	PcApiCall	call;
	Datum		values[2];

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	(void) pc_api_read(PC_SUBSCRIPTIONS, &call, &id);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_api_give(fcinfo, pc_execute(&plan, values, NULL, true, 0));
	pc_api_end(&call);
	return (Datum) 0;
}
