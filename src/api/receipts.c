/*
 * receipts.c
 *		Issuing receipts of payments and refunds: pictures of what was so then,
 *		which later changes of the account or the seller leave alone.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/settings.h"

#define NUMBER_LENGTH 8
#define MOST_DRAWS 10

/* A time as documents read it back, whatever the session's time zone. */
#define UTC(time) "to_char(" time " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

/* What is kept of the seller s, the account a, the payment p and its intent i; nulls are left out. */
#define SNAPSHOT \
	"jsonb_build_object('locale', coalesce(a.locale, s.locale), 'time_zone', coalesce(s.time_zone, 'UTC'), " \
	"'seller', jsonb_build_object('name', s.name, 'email', s.email, 'phone', s.phone, 'website', s.website, " \
	"'address_line1', s.address_line1, 'address_line2', s.address_line2, 'city', s.city, 'state', s.state, " \
	"'postal_code', s.postal_code, 'country', s.country, 'tax_id', s.tax_id, 'footer', s.footer, 'locale', s.locale), " \
	"'account', jsonb_build_object('name', a.name, 'email', a.email, 'phone', a.phone, 'external_ref', a.external_ref, " \
	"'address_line1', a.address_line1, 'address_line2', a.address_line2, 'city', a.city, 'state', a.state, " \
	"'postal_code', a.postal_code, 'country', a.country, 'tax_id', a.tax_id), " \
	"'payment', jsonb_build_object('amount', p.gross::text, 'captured_at', " UTC("p.captured_at") ", " \
	"'description', coalesce(p.description, i.description), 'external_ref', p.external_ref, 'psp_charge_id', p.psp_charge_id, " \
	"'livemode', p.livemode, 'method', jsonb_build_object('type', p.method_type, " \
	"'brand', p.method_details->>'brand', 'last4', p.method_details->>'last4', " \
	"'wallet', p.method_details #>> '{wallet,type}')))"

#define FROM_PAYMENT \
	" JOIN paycore.billing_accounts a ON a.id = p.billing_account_id AND a.tenant_id = p.tenant_id" \
	" JOIN paycore.sellers s ON s.tenant_id = p.tenant_id" \
	" LEFT JOIN paycore.payment_intents i ON i.id = p.payment_intent_id AND i.tenant_id = p.tenant_id"

#define INSERT_RECEIPT \
	"INSERT INTO paycore.receipts (tenant_id, number, billing_account_id, payment_id, refund_id, amount, data, actor) "

typedef struct Kind
{
	const char *what;
	PcPlan		find;			/* a receipt that is there already */
	PcPlan		status;			/* of the object */
	PcPlan		issue;
} Kind;

static Kind of_payment = {
	.what = "payment",
	.find = PC_PLAN_ROW("ut", "SELECT %s FROM paycore.receipts WHERE payment_id = $1 AND tenant_id = $2 AND refund_id IS NULL",
						PC_RECEIPTS),
	.status = PC_PLAN("ut", "SELECT status::text FROM paycore.payments WHERE id = $1 AND tenant_id = $2"),
	.issue = PC_PLAN_ROW("uttt", INSERT_RECEIPT
						 "SELECT p.tenant_id, $3, p.billing_account_id, p.id, NULL, p.gross, jsonb_strip_nulls(" SNAPSHOT "), $4 "
						 "FROM paycore.payments p" FROM_PAYMENT " WHERE p.id = $1 AND p.tenant_id = $2 "
						 "ON CONFLICT DO NOTHING RETURNING %s", PC_RECEIPTS),
};

static Kind of_refund = {
	.what = "refund",
	.find = PC_PLAN_ROW("ut", "SELECT %s FROM paycore.receipts WHERE refund_id = $1 AND tenant_id = $2", PC_RECEIPTS),
	.status = PC_PLAN("ut", "SELECT CASE kind WHEN 'refund' THEN status::text ELSE kind END FROM paycore.refunds "
					  "WHERE id = $1 AND tenant_id = $2"),
	.issue = PC_PLAN_ROW("uttt", INSERT_RECEIPT
						 "SELECT p.tenant_id, $3, p.billing_account_id, p.id, r.id, r.amount, jsonb_strip_nulls(" SNAPSHOT
						 " || jsonb_build_object('refund', jsonb_build_object('amount', r.amount::text, "
						 "'succeeded_at', " UTC("r.succeeded_at") ", 'reason', r.reason, 'psp_refund_id', r.psp_refund_id))), $4 "
						 "FROM paycore.refunds r JOIN paycore.payments p ON p.id = r.payment_id AND p.tenant_id = r.tenant_id"
						 FROM_PAYMENT " WHERE r.id = $1 AND r.tenant_id = $2 "
						 "ON CONFLICT DO NOTHING RETURNING %s", PC_RECEIPTS),
};

/*
 * "7K3Q-9F2M": 40 random bits in letters that are not mistaken for each other.
 * Nobody waits for a counter, and a number does not tell how many there are.
 */
static char *
random_number(void)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8		bytes[NUMBER_LENGTH];
	char		number[NUMBER_LENGTH + 2];
	int			n = 0;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	for (int i = 0; i < NUMBER_LENGTH; i++)
	{
		if (i == NUMBER_LENGTH / 2)
			number[n++] = '-';
		number[n++] = letters[bytes[i] % 32];
	}
	return pnstrdup(number, n);
}

static bool
find(Kind *kind, Datum *values, Datum *row)
{
	if (pc_execute(&kind->find, values, NULL, false, 1) == 0)
		return false;
	*row = pc_row_datum(0, PC_RECEIPTS);
	return true;
}

static void
check_object(Kind *kind, Datum *values, const pg_uuid_t *id)
{
	char	   *status;

	if (pc_execute(&kind->status, values, NULL, false, 1) == 0)
		pc_not_found(kind->what, id);
	status = pc_get_cstring(0, 1);
	if (strcmp(status, "succeeded") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("there is no receipt of a %s that has not succeeded", kind->what),
				 errdetail("The %s is %s.", kind->what, status),
				 errhint("Issue the receipt once it has succeeded.")));
}

static void
check_seller(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "SELECT 1 FROM paycore.sellers WHERE tenant_id = $1");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	if (pc_execute(&plan, &tenant, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("nobody is named as the seller of tenant \"%s\"", call->tenant),
				 errhint("Name the seller once: SELECT paycore.set_seller('{\"name\": \"...\", \"country\": \"...\"}').")));
}

/* A number that is taken by chance is drawn anew; one that was given is not. */
static Datum
issue_new(Kind *kind, const PcApiCall *call, Datum *values, const char *number)
{
	Datum		row;

	check_seller(call);
	for (int tries = 0; tries < MOST_DRAWS; tries++)
	{
		values[2] = CStringGetTextDatum(number != NULL ? number : random_number());
		if (pc_api_write(&kind->issue, values, NULL, NULL) > 0)
			return pc_row_datum(0, PC_RECEIPTS);
		if (find(kind, values, &row))	/* somebody else was first */
			return row;
		if (number != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("receipt number \"%s\" is taken", number),
					 errhint("Give another one, or none: then paycore draws it.")));
	}
	pc_row_vetoed(PC_RECEIPTS);
}

/* (id, number) */
static Datum
issue(FunctionCallInfo fcinfo, Kind *kind, const char *name)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, name);
	char	   *number = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	PcApiCall	call;
	Datum		values[4];
	Datum		row;

	pc_check_length(number, "number", 64);
	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[3] = CStringGetTextDatum(pc_current_actor());
	if (!find(kind, values, &row))
	{
		check_object(kind, values, &id);
		row = issue_new(kind, &call, values, number);
	}
	pc_api_end(&call);
	return row;
}

/* issue_receipt(payment_id, number) */
PG_FUNCTION_INFO_V1(paycore_issue_receipt);
PGDLLEXPORT Datum
paycore_issue_receipt(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(issue(fcinfo, &of_payment, "payment_id"));
}

/* issue_refund_receipt(refund_id, number) */
PG_FUNCTION_INFO_V1(paycore_issue_refund_receipt);
PGDLLEXPORT Datum
paycore_issue_refund_receipt(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(issue(fcinfo, &of_refund, "refund_id"));
}
