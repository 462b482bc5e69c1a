/*
 * balance.c
 *		paycore.move_account_balance(): each account transaction moves the
 *		balance of its account and currency, and nothing else does
 *		(paycore.kept_by_guards()).
 *
 * One upsert moves it, so that concurrent transactions queue at its row and
 * the sum is exact at every isolation level.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/plan.h"
#include "common/writer.h"
#include "guards/columns.h"
#include "types/currency.h"
#include "types/money.h"
#include "utils/acl.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_kept_by_guards);
PG_FUNCTION_INFO_V1(paycore_move_account_balance);

static PcPlan move_plan = PC_PLAN("utcm",
	"INSERT INTO paycore.account_balances AS b (billing_account_id, tenant_id, currency, balance) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (billing_account_id, currency, tenant_id) DO UPDATE"
	" SET balance = b.balance OPERATOR(paycore.+) excluded.balance, updated_at = pg_catalog.now()"
	" RETURNING balance");

/* BEFORE INSERT OR UPDATE OR DELETE, row: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_kept_by_guards(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "kept_by_guards", GUARD_BEFORE_ROW, 0);

	if (!pc_writer_for_trigger().counters)
		ereport(ERROR,
				(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
				 errmsg("rows of \"%s\" are kept by a guard", RelationGetRelationName(trigger->tg_relation)),
				 errdetail("They are sums of rows of another table."),
				 errhint("Insert there what corrects the sum."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple);
}

static Datum
column(TriggerData *trigger, const char *name, Oid type, bool *isnull)
{
	AttrNumber	attnum = pc_guard_find(trigger, name);

	pc_guard_check_type(trigger, attnum, type);
	return pc_guard_get(trigger, trigger->tg_trigtuple, attnum, isnull);
}

static PcMoney
move(TriggerData *trigger, PcMoney amount)
{
	PcIdentity	caller;
	bool		isnull;
	PcMoney		balance;
	Datum		values[4] = {
		column(trigger, "billing_account_id", UUIDOID, &isnull), column(trigger, "tenant_id", TEXTOID, &isnull),
		PcCurrencyGetDatum(pc_money_currency(amount)), PcMoneyGetDatum(amount)
	};

	pc_identity_assume(&caller, pc_guard_table_owner(trigger));
	SPI_connect();
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		if (pc_execute(&move_plan, values, NULL, false, 0) == 0)
			pc_row_vetoed(PC_ACCOUNT_BALANCES);
	}
	PC_WRITE_END;
	balance = DatumGetPcMoney(pc_get(0, 1, &isnull));
	SPI_finish();
	pc_identity_drop(&caller);
	return balance;
}

/* Balances are moved by those who may do as they like with them: any other role's table could lie to them. */
static void
check_table_owner(TriggerData *trigger)
{
	Oid			owner = pc_table_owner(PC_ACCOUNT_BALANCES);

	if (!OidIsValid(owner) || !has_privs_of_role(pc_guard_table_owner(trigger), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" may not hold transactions of paycore.account_balances",
						RelationGetRelationName(trigger->tg_relation)),
				 errdetail("paycore.move_account_balance() is for tables of the owner of paycore.account_balances."),
				 errtable(trigger->tg_relation)));
}

/* AFTER INSERT, row, on account_transactions: SQLSTATE PY021, or 23514 for a wrong balance_after. */
PGDLLEXPORT Datum
paycore_move_account_balance(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "move_account_balance", GUARD_AFTER_ROW, 0);
	bool		isnull;
	PcMoney		amount = DatumGetPcMoney(column(trigger, "amount", pc_type_oid(PC_TYPE_MONEY), &isnull));
	Datum		after = column(trigger, "balance_after", pc_type_oid(PC_TYPE_MONEY), &isnull);
	PcMoney		balance;
	char		text[2][PC_MONEY_TEXT_LEN];

	check_table_owner(trigger);
	if (pc_money_amount(amount) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_AMOUNT_NOT_POSITIVE),
				 errmsg("an account transaction changes the balance"),
				 errdetail("Its amount is %s.", pc_money_to_text(amount, text[0])),
				 errtable(trigger->tg_relation)));
	balance = move(trigger, amount);
	if (!isnull && DatumGetPcMoney(after) != balance)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("balance_after is not the balance after this transaction"),
				 errdetail("It says %s; the balance is %s.", pc_money_to_text(DatumGetPcMoney(after), text[0]),
						   pc_money_to_text(balance, text[1])),
				 errhint("Leave it NULL, or use paycore.credit_account() and paycore.debit_account()."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(NULL);
}
