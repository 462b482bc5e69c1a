/*
 * account_balance.c
 *		credit_account() and debit_account(): what an account is owed between
 *		payments, per currency.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/balance.h"
#include "common/settings.h"
#include "types/money_args.h"

typedef struct Adjustment
{
	pg_uuid_t	id;
	pg_uuid_t	account_id;
	PcMoney		amount;			/* below zero: a debit */
	bool		overdraw;
	char	   *reason;
	char	   *description;
	Jsonb	   *metadata;
} Adjustment;

static PcPlan lock_plan = PC_PLAN("utc",
	"SELECT balance FROM paycore.account_balances WHERE billing_account_id = $1 AND tenant_id = $2"
	" AND currency OPERATOR(paycore.=) $3 FOR NO KEY UPDATE");

static PcPlan begin_plan = PC_PLAN("utcm",
	"INSERT INTO paycore.account_balances (billing_account_id, tenant_id, currency, balance) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (billing_account_id, currency, tenant_id) DO NOTHING");

static PcInsert insert_plan = PC_INSERT_ROW(PC_ACCOUNT_TRANSACTIONS, "utummttjtz",
	"id, tenant_id, billing_account_id, amount, balance_after, reason, description, metadata, actor, created_at");

static bool
lock_row(Datum *values, PcMoney *balance)
{

	if (pc_execute(&lock_plan, values, NULL, false, 1) == 0)
		return false;
	*balance = pc_get_money(0, 1);
	return true;
}

PcMoney
pc_balance_lock(const PcApiCall *call, const pg_uuid_t *account, PcCurrency currency)
{
	PcIdentity	saved;
	volatile PcMoney balance = 0;
	Datum		values[4] = {
		UUIDPGetDatum(account), CStringGetTextDatum(call->tenant), PcCurrencyGetDatum(currency),
		PcMoneyGetDatum(pc_money_pack(currency, 0))
	};

	pc_identity_assume(&saved, pc_owner(false));
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .counters = true);
	{
		PcMoney		found = pc_money_pack(currency, 0);

		if (!lock_row(values, &found))
		{
			pc_execute(&begin_plan, values, NULL, false, 0);
			(void) lock_row(values, &found);
		}
		balance = found;
	}
	PC_WRITE_END;
	pc_identity_drop(&saved);
	return balance;
}

static void
check_enough(const Adjustment *adjustment, PcMoney before, PcMoney after)
{
	char		text[2][PC_MONEY_TEXT_LEN];

	if (pc_money_amount(adjustment->amount) < 0 && pc_money_amount(after) < 0 && !adjustment->overdraw)
		ereport(ERROR,
				(errcode(ERRCODE_PC_BALANCE_EXCEEDED),
				 errmsg("the account's balance does not cover %s",
						pc_money_to_text(pc_money_negate(adjustment->amount), text[0])),
				 errdetail("It is %s.", pc_money_to_text(before, text[1])),
				 errhint("Say overdraw => true where the account shall owe the rest.")));
}

static Datum
adjust(const PcApiCall *call, const Adjustment *adjustment)
{
	PcAccount	account;
	PcMoney		before,
				after;
	Datum		values[10];
	char		nulls[] = "          ";

	pc_account_get(call, &adjustment->account_id, &account);
	before = pc_balance_lock(call, &adjustment->account_id, pc_money_currency(adjustment->amount));
	after = pc_money_add(before, adjustment->amount);
	check_enough(adjustment, before, after);

	values[0] = UUIDPGetDatum(&adjustment->id);
	values[1] = CStringGetTextDatum(call->tenant);
	values[2] = UUIDPGetDatum(&adjustment->account_id);
	values[3] = PcMoneyGetDatum(adjustment->amount);
	values[4] = PcMoneyGetDatum(after);
	values[5] = CStringGetTextDatum(adjustment->reason);
	values[6] = adjustment->description != NULL ? CStringGetTextDatum(adjustment->description) : (Datum) 0;
	nulls[6] = adjustment->description != NULL ? ' ' : 'n';
	values[7] = PointerGetDatum(adjustment->metadata);
	values[8] = CStringGetTextDatum(pc_current_actor());
	values[9] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	return pc_api_insert(&insert_plan, values, nulls, NULL);
}

static void
check(FunctionCallInfo fcinfo, Adjustment *adjustment)
{
	adjustment->account_id = pc_getarg_uuid(fcinfo, 0, "billing_account_id");
	adjustment->amount = pc_getarg_money(fcinfo, 1, "amount");
	adjustment->reason = pc_getarg_given_text(fcinfo, 2, "reason");
	adjustment->description = pc_getarg_text(fcinfo, 3);
	pc_check_positive(adjustment->amount, "the amount of a credit or debit");
	pc_currency_check_active(pc_money_currency(adjustment->amount));
	pc_check_length(adjustment->reason, "reason", 255);
	pc_check_metadata(adjustment->metadata, false);
	if (adjustment->metadata == NULL)
	{
		PcJsonBuilder empty;

		pc_json_begin(&empty);
		adjustment->metadata = pc_json_end(&empty);
	}
}

static Datum
adjust_once(FunctionCallInfo fcinfo, Adjustment *adjustment, const char *operation, int key_arg)
{
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, key_arg, operation, "account_transaction");
	adjustment->id = once.id;
	row = once.done ? pc_api_read(PC_ACCOUNT_TRANSACTIONS, &call, &once.id) : adjust(&call, adjustment);
	pc_api_end(&call);
	return row;
}

/* (billing_account_id, amount, reason, description, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_credit_account);
PGDLLEXPORT Datum
paycore_credit_account(PG_FUNCTION_ARGS)
{
	Adjustment	adjustment = {.metadata = pc_getarg_json(fcinfo, 4)};

	check(fcinfo, &adjustment);
	PG_RETURN_DATUM(adjust_once(fcinfo, &adjustment, "credit_account", 5));
}

/* (billing_account_id, amount, reason, description, overdraw, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_debit_account);
PGDLLEXPORT Datum
paycore_debit_account(PG_FUNCTION_ARGS)
{
	Adjustment	adjustment = {.metadata = pc_getarg_json(fcinfo, 5), .overdraw = pc_getarg_bool(fcinfo, 4, false)};

	check(fcinfo, &adjustment);
	adjustment.amount = pc_money_negate(adjustment.amount);
	PG_RETURN_DATUM(adjust_once(fcinfo, &adjustment, "debit_account", 6));
}
