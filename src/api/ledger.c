/*
 * ledger.c
 *		open_ledger_account(), ledger_balance() and roll_up_ledger().
 */
#include "common/paycore.h"

#include "api/api.h"
#include "ledger/ledger.h"
#include "types/currency.h"

static PcPlan open_plan = PC_PLAN_ROW("utttttcj",
	"INSERT INTO paycore.ledger_accounts (id, tenant_id, code, name, kind, normal_side, currency, metadata)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, '{}')) ON CONFLICT (code, currency, tenant_id) DO NOTHING RETURNING %s",
	PC_LEDGER_ACCOUNTS);

static PcPlan find_plan = PC_PLAN_ROW("tct",
	"SELECT %s FROM paycore.ledger_accounts WHERE code = $1 AND currency OPERATOR(paycore.=) $2 AND tenant_id = $3",
	PC_LEDGER_ACCOUNTS);

static PcPlan compare_plan = PC_PLAN("tctt",
	"SELECT kind = $4, kind FROM paycore.ledger_accounts"
	" WHERE code = $1 AND currency OPERATOR(paycore.=) $2 AND tenant_id = $3");

typedef struct NewAccount
{
	pg_uuid_t	id;
	char	   *code;
	char	   *kind;
	PcCurrency	currency;
	char	   *name;
	char	   *normal_side;
} NewAccount;

static const char *
usual_side(const char *kind)
{
	return strcmp(kind, "asset") == 0 || strcmp(kind, "expense") == 0 ? "debit" : "credit";
}

static void
read_account(FunctionCallInfo fcinfo, NewAccount *account)
{
	static const char *const kinds[] = {"asset", "liability", "income", "expense", "equity", NULL};
	static const char *const sides[] = {"debit", "credit", NULL};

	account->code = pc_getarg_given_text(fcinfo, 0, "code");
	account->kind = pc_getarg_given_text(fcinfo, 1, "kind");
	if (PG_ARGISNULL(2))
		(void) pc_getarg_given_text(fcinfo, 2, "currency");
	account->currency = PG_GETARG_PC_CURRENCY(2);
	account->name = pc_getarg_text(fcinfo, 3);
	account->normal_side = pc_getarg_text(fcinfo, 4);
	pc_check_length(account->code, "code", 255);
	pc_check_length(account->name, "name", 255);
	pc_check_one_of(account->kind, "kind", kinds);
	pc_check_one_of(account->normal_side, "normal_side", sides);
	pc_currency_check_active(account->currency);
	pc_check_metadata(pc_getarg_json(fcinfo, 5), false);
	if (account->normal_side == NULL)
		account->normal_side = pstrdup(usual_side(account->kind));
	pc_uuid_v7(&account->id);
}

/* There already: the same account, or another one that took the code. */
static Datum
known_account(const PcApiCall *call, const NewAccount *account)
{
	Datum		values[4] = {
		CStringGetTextDatum(account->code), PcCurrencyGetDatum(account->currency), CStringGetTextDatum(call->tenant),
		CStringGetTextDatum(account->kind)
	};

	if (pc_execute(&compare_plan, values, NULL, false, 1) > 0 && !pc_get_bool(0, 1))
		ereport(ERROR,
				(errcode(ERRCODE_PC_LEDGER_ACCOUNT),
				 errmsg("ledger account \"%s\" exists and is of kind %s", account->code, pc_get_cstring(0, 2)),
				 errhint("Choose another code.")));
	pc_execute(&find_plan, values, NULL, false, 1);
	return pc_row_datum(0, PC_LEDGER_ACCOUNTS);
}

static Datum
open_account(const PcApiCall *call, FunctionCallInfo fcinfo, const NewAccount *account)
{
	Datum		values[8] = {
		UUIDPGetDatum(&account->id), CStringGetTextDatum(call->tenant), CStringGetTextDatum(account->code),
		account->name != NULL ? CStringGetTextDatum(account->name) : (Datum) 0, CStringGetTextDatum(account->kind),
		CStringGetTextDatum(account->normal_side), PcCurrencyGetDatum(account->currency),
		PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5)
	};
	char		nulls[] = "        ";

	nulls[3] = account->name != NULL ? ' ' : 'n';
	nulls[7] = PG_ARGISNULL(5) ? 'n' : ' ';
	if (pc_api_write(&open_plan, values, nulls, NULL) == 0)
		return known_account(call, account);
	return pc_row_datum(0, PC_LEDGER_ACCOUNTS);
}

/* (code, kind, currency, name, normal_side, metadata) */
PG_FUNCTION_INFO_V1(paycore_open_ledger_account);
PGDLLEXPORT Datum
paycore_open_ledger_account(PG_FUNCTION_ARGS)
{
	NewAccount	account;
	PcApiCall	call;
	Datum		row;

	read_account(fcinfo, &account);
	pc_api_begin(&call);
	row = open_account(&call, fcinfo, &account);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

#define BIN(width, time) "date_bin('1 " width "', " time ", '2000-01-01 00:00:00+00'::timestamptz)"

/* Sums of one side now: what is rolled up, and the entries since. */
#define NOW(sums, side) \
	"coalesce(b." sums ", 0) + coalesce((SELECT sum(paycore.cents(e.amount)) FROM paycore.ledger_entries e" \
	" WHERE e." side " = a.id AND e.tenant_id = a.tenant_id AND e.txn >= coalesce(b.horizon, 0)), 0)"

static PcPlan balance_plan = PC_PLAN("ut",
	"SELECT (" NOW("debits", "debit_account_id") " - (" NOW("credits", "credit_account_id") "))::bigint,"
	" a.normal_side = 'debit', a.currency"
	" FROM paycore.ledger_accounts a"
	" LEFT JOIN paycore.ledger_balances b ON b.account_id = a.id AND b.tenant_id = a.tenant_id"
	" WHERE a.id = $1 AND a.tenant_id = $2");

/*
 * At a time: days and hours that were over by then are summed already; of the
 * hour it lies in, and of what is not rolled up, entries are read.
 */
#define AT(day, hour, time, sums, side) \
	"coalesce((SELECT sum(d." sums ") FROM paycore.ledger_days d" \
	"  WHERE d.account_id = a.id AND d.tenant_id = a.tenant_id AND d." day " < " BIN("day", "$3") "), 0)" \
	" + coalesce((SELECT sum(p." sums ") FROM paycore.ledger_periods p WHERE p.account_id = a.id" \
	"  AND p.tenant_id = a.tenant_id AND p." hour " >= " BIN("day", "$3") " AND p." hour " < " BIN("hour", "$3") "), 0)" \
	" + coalesce((SELECT sum(paycore.cents(e.amount)) FROM paycore.ledger_periods p JOIN paycore.ledger_entries e" \
	"  ON e." side " = p.account_id AND e.tenant_id = p.tenant_id AND e.txn BETWEEN p.first_txn AND p.last_txn" \
	"  AND " BIN("hour", "e.occurred_at") " = p.event_hour AND " BIN("hour", "e.recorded_at") " = p.record_hour AND e." time " <= $3" \
	"  WHERE p.account_id = a.id AND p.tenant_id = a.tenant_id AND p." hour " = " BIN("hour", "$3") "), 0)" \
	" + coalesce((SELECT sum(paycore.cents(e.amount)) FROM paycore.ledger_entries e WHERE e." side " = a.id" \
	"  AND e.tenant_id = a.tenant_id AND e.txn >= coalesce(b.horizon, 0) AND e." time " <= $3), 0)"

#define BALANCE_AT(day, hour, time) \
	"SELECT (" AT(day, hour, time, "debits", "debit_account_id") " - (" AT(day, hour, time, "credits", "credit_account_id") "))::bigint," \
	" a.normal_side = 'debit', a.currency" \
	" FROM paycore.ledger_accounts a" \
	" LEFT JOIN paycore.ledger_balances b ON b.account_id = a.id AND b.tenant_id = a.tenant_id" \
	" WHERE a.id = $1 AND a.tenant_id = $2"

static PcPlan event_plan = PC_PLAN("utz", BALANCE_AT("event_day", "event_hour", "occurred_at"));
static PcPlan record_plan = PC_PLAN("utz", BALANCE_AT("record_day", "record_hour", "recorded_at"));

static PcMoney
read_balance(PcPlan *plan, Datum *values, const pg_uuid_t *id)
{
	bool		isnull;
	int64		debits;

	if (pc_read_by_index(plan, values) == 0)
		pc_not_found("ledger account", id);
	debits = pc_get_int64(0, 1);
	return pc_money_make(DatumGetPcCurrency(pc_get(0, 3, &isnull)),
						 pc_get_bool(0, 2) ? debits : -debits);
}

/* (account_id, at, basis) */
PG_FUNCTION_INFO_V1(paycore_ledger_balance);
PGDLLEXPORT Datum
paycore_ledger_balance(PG_FUNCTION_ARGS)
{
	static const char *const bases[] = {"event", "record", NULL};
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "account_id");
	char	   *basis = pc_getarg_given_text(fcinfo, 2, "basis");
	PcPlan	   *plan = strcmp(basis, "event") == 0 ? &event_plan : &record_plan;
	PcApiCall	call;
	PcMoney		balance;
	Datum		values[3] = {UUIDPGetDatum(&id), (Datum) 0, PG_GETARG_DATUM(1)};

	pc_check_one_of(basis, "basis", bases);
	pc_api_begin(&call);
	values[1] = CStringGetTextDatum(call.tenant);
	balance = read_balance(PG_ARGISNULL(1) ? &balance_plan : plan, values, &id);
	pc_api_end(&call);
	PG_RETURN_PC_MONEY(balance);
}

/* (at_least) */
PG_FUNCTION_INFO_V1(paycore_roll_up_ledger);
PGDLLEXPORT Datum
paycore_roll_up_ledger(PG_FUNCTION_ARGS)
{
	int64		least = PG_GETARG_INT64(0);
	PcApiCall	call;
	int64		accounts;

	pc_check_owner("roll up the ledger");
	if (least < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("at_least must be above zero")));
	pc_api_begin(&call);
	accounts = pc_ledger_roll_up(0, least, true);
	pc_api_end(&call);
	PG_RETURN_INT64(accounts);
}
