/*
 * rules.c
 *		Which accounts each money fact is posted to: the one table of it, which
 *		docs/ledger.md is made from, too.
 */
#include "common/paycore.h"

#include "funcapi.h"
#include "ledger/internal.h"
#include "utils/builtins.h"

#define RULE_COLUMNS 7
#define CHART_COLUMNS 5

const PcChartRow pc_chart[PC_NCHART] = {
	[PC_CHART_FUNDS] = {"gateway_balance", "Money at the gateway", "asset", "debit"},
	[PC_CHART_BANK] = {"bank", "Paid out to the bank", "asset", "debit"},
	[PC_CHART_EXCHANGE] = {"currency_exchange", "Charges settled in another currency", "asset", "debit"},
	[PC_CHART_RECEIVABLES] = {"receivables", "Owed on invoices", "asset", "debit"},
	[PC_CHART_CUSTOMER_BALANCES] = {"customer_balances", "Owed to customers", "liability", "credit"},
	[PC_CHART_OUT_OF_BAND] = {"out_of_band", "Given back to customers otherwise", "liability", "credit"},
	[PC_CHART_TAX_PAYABLE] = {"tax_payable", "Taxes on invoices", "liability", "credit"},
	[PC_CHART_SALES] = {"sales", "Invoiced", "income", "credit"},
	[PC_CHART_REVENUE] = {"revenue", "Payments received", "income", "credit"},
	[PC_CHART_REFUNDS] = {"refunds", "Payments given back", "income", "debit"},
	[PC_CHART_DISPUTES] = {"disputes", "Payments taken back in disputes", "expense", "debit"},
	[PC_CHART_FEES] = {"gateway_fees", "Fees of gateways", "expense", "debit"},
	[PC_CHART_DISPUTE_FEES] = {"dispute_fees", "Fees of disputes", "expense", "debit"},
	[PC_CHART_GATEWAY_ADJUSTMENTS] = {"gateway_adjustments", "Other bookings of gateways", "income", "credit"},
	[PC_CHART_BALANCE_ADJUSTMENTS] = {"balance_adjustments", "Credits given to customers", "expense", "debit"},
	[PC_CHART_BAD_DEBTS] = {"bad_debts", "Invoices given up", "expense", "debit"},
};

const PcChartRow pc_chart_cash = {"cash", "Money taken without a gateway", "asset", "debit"};

#define NOTHING (-1)

const PcRule pc_rules[PC_NFACTS] = {
	[PC_FACT_CHARGE] = {"charge", "payment", PC_CHART_FUNDS, PC_CHART_REVENUE, NOTHING,
	"gross", "a payment of a gateway has succeeded and its captured amount is known"},
	[PC_FACT_MANUAL_PAYMENT] = {"manual_payment", "payment", PC_CHART_FUNDS, PC_CHART_REVENUE, NOTHING,
	"gross", "a payment without a gateway's charge is recorded"},
	[PC_FACT_CHARGE_FAILURE] = {"charge_failure", "payment", PC_CHART_REVENUE, PC_CHART_FUNDS, PC_FACT_CHARGE,
	"gross", "a payment that had succeeded has failed"},
	[PC_FACT_FEE] = {"fee", "payment", PC_CHART_FEES, PC_CHART_FUNDS, NOTHING,
	"fee", "a payment's settlement is known"},
	[PC_FACT_EXCHANGE_OUT] = {"exchange_out", "payment", PC_CHART_EXCHANGE, PC_CHART_FUNDS, NOTHING,
	"gross", "a payment settled, or a refund, dispute or bounce was booked, in another currency than its own"},
	[PC_FACT_EXCHANGE_IN] = {"exchange_in", "payment", PC_CHART_FUNDS, PC_CHART_EXCHANGE, NOTHING,
	"settled gross", "the same, at its other end"},
	[PC_FACT_REFUND] = {"refund", "refund", PC_CHART_REFUNDS, PC_CHART_FUNDS, NOTHING,
	"amount", "a refund has succeeded; a released authorisation is none"},
	[PC_FACT_REFUND_FAILURE] = {"refund_failure", "refund", PC_CHART_FUNDS, PC_CHART_REFUNDS, PC_FACT_REFUND,
	"amount", "a refund that had succeeded is no longer so"},
	[PC_FACT_DISPUTE] = {"dispute", "dispute", PC_CHART_DISPUTES, PC_CHART_FUNDS, NOTHING,
	"amount withdrawn", "the gateway takes the disputed funds"},
	[PC_FACT_REINSTATEMENT] = {"reinstatement", "dispute", PC_CHART_FUNDS, PC_CHART_DISPUTES, NOTHING,
	"amount reinstated", "the gateway gives disputed funds back"},
	[PC_FACT_DISPUTE_FEE] = {"dispute_fee", "dispute", PC_CHART_DISPUTE_FEES, PC_CHART_FUNDS, NOTHING,
	"fee", "the gateway charges for a dispute"},
	[PC_FACT_DISPUTE_FEE_RETURN] = {"dispute_fee_return", "dispute", PC_CHART_FUNDS, PC_CHART_DISPUTE_FEES, NOTHING,
	"fee", "the gateway gives the fee of a dispute back"},
	[PC_FACT_PAYOUT] = {"payout", "payout", PC_CHART_BANK, PC_CHART_FUNDS, NOTHING,
	"amount", "a payout is paid"},
	[PC_FACT_PAYOUT_FAILURE] = {"payout_failure", "payout", PC_CHART_FUNDS, PC_CHART_BANK, PC_FACT_PAYOUT,
	"amount", "a payout that was paid has failed"},
	[PC_FACT_GATEWAY_FEE] = {"gateway_fee", "balance_transaction", PC_CHART_FEES, PC_CHART_FUNDS, NOTHING,
	"amount", "the gateway books a fee that belongs to no charge or dispute"},
	[PC_FACT_GATEWAY_ADJUSTMENT] = {"gateway_adjustment", "balance_transaction", PC_CHART_FUNDS, PC_CHART_GATEWAY_ADJUSTMENTS,
		NOTHING, "amount", "the gateway books something that is none of these"},
	[PC_FACT_BALANCE_CREDIT] = {"balance_credit", "account_transaction", PC_CHART_BALANCE_ADJUSTMENTS,
		PC_CHART_CUSTOMER_BALANCES, NOTHING, "amount", "an account's balance is credited"},
	[PC_FACT_BALANCE_DEBIT] = {"balance_debit", "account_transaction", PC_CHART_CUSTOMER_BALANCES,
		PC_CHART_BALANCE_ADJUSTMENTS, NOTHING, "amount", "an account's balance is debited"},
	[PC_FACT_INVOICE] = {"invoice", "invoice", PC_CHART_RECEIVABLES, PC_CHART_SALES, NOTHING,
	"total less tax", "an invoice is final; taken back when it is voided"},
	[PC_FACT_INVOICE_TAX] = {"invoice_tax", "invoice", PC_CHART_RECEIVABLES, PC_CHART_TAX_PAYABLE, NOTHING,
	"tax", "the same"},
	[PC_FACT_WRITE_OFF] = {"write_off", "invoice", PC_CHART_BAD_DEBTS, PC_CHART_RECEIVABLES, NOTHING,
	"amount due", "an invoice is given up; taken back as far as it is paid, or voided, after all"},
	[PC_FACT_INVOICE_PAYMENT] = {"invoice_payment", "invoice_payment", PC_CHART_REVENUE, PC_CHART_RECEIVABLES, NOTHING,
	"amount", "a payment is applied to an invoice; below zero, it has bounced"},
	[PC_FACT_OVERPAYMENT] = {"overpayment", "invoice_payment", PC_CHART_REVENUE, PC_CHART_BALANCE_ADJUSTMENTS, NOTHING,
	"surplus", "it is more than was due, and the rest goes to the account's balance"},
	[PC_FACT_BALANCE_APPLIED] = {"balance_applied", "invoice_payment", PC_CHART_BALANCE_ADJUSTMENTS, PC_CHART_RECEIVABLES, NOTHING,
	"amount", "an account's balance is applied to an invoice; below zero, the invoice goes onto the balance"},
	[PC_FACT_CREDIT_NOTE] = {"credit_note", "credit_note", PC_CHART_SALES, PC_CHART_RECEIVABLES, NOTHING,
	"total less tax", "a credit note is issued; taken back when it is voided"},
	[PC_FACT_CREDIT_NOTE_TAX] = {"credit_note_tax", "credit_note", PC_CHART_TAX_PAYABLE, PC_CHART_RECEIVABLES, NOTHING,
	"tax", "the same"},
	[PC_FACT_CREDIT_TO_BALANCE] = {"credit_to_balance", "credit_note", PC_CHART_RECEIVABLES, PC_CHART_BALANCE_ADJUSTMENTS, NOTHING,
	"amount to the balance, and what could not be refunded", "the same, of what was paid already"},
	[PC_FACT_CREDIT_TO_REFUND] = {"credit_to_refund", "credit_note", PC_CHART_RECEIVABLES, PC_CHART_REFUNDS, NOTHING,
	"amount to refund, less what could not be", "the same"},
	[PC_FACT_CREDIT_OUT_OF_BAND] = {"credit_out_of_band", "credit_note", PC_CHART_RECEIVABLES, PC_CHART_OUT_OF_BAND, NOTHING,
	"amount out of band", "the same"},
};

static Datum
account_code(PcChartAccount account)
{
	return CStringGetTextDatum(pc_chart[account].code);
}

/* ledger_rules(): fact, object, debit, credit, undoes, amount, occasion */
PG_FUNCTION_INFO_V1(paycore_ledger_rules);
PGDLLEXPORT Datum
paycore_ledger_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < PC_NFACTS; i++)
	{
		const PcRule *rule = &pc_rules[i];
		bool		nulls[RULE_COLUMNS] = {false};
		Datum		values[RULE_COLUMNS] = {
			CStringGetTextDatum(rule->name), CStringGetTextDatum(rule->object),
			account_code(rule->debit), account_code(rule->credit),
			rule->undoes >= 0 ? CStringGetTextDatum(pc_rules[rule->undoes].name) : (Datum) 0,
			CStringGetTextDatum(rule->amount), CStringGetTextDatum(rule->when)
		};

		nulls[4] = rule->undoes < 0;
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static void
give_chart_row(ReturnSetInfo *set, const PcChartRow *row, bool per_gateway)
{
	bool		nulls[CHART_COLUMNS] = {false};
	Datum		values[CHART_COLUMNS] = {
		CStringGetTextDatum(row->code), CStringGetTextDatum(row->name), CStringGetTextDatum(row->kind),
		CStringGetTextDatum(row->normal_side), BoolGetDatum(per_gateway)
	};

	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

/* ledger_chart(): code, name, kind, normal_side, per_gateway */
PG_FUNCTION_INFO_V1(paycore_ledger_chart);
PGDLLEXPORT Datum
paycore_ledger_chart(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < PC_NCHART; i++)
	{
		give_chart_row(set, &pc_chart[i], i == PC_CHART_FUNDS);
		if (i == PC_CHART_FUNDS)
			give_chart_row(set, &pc_chart_cash, true);
	}
	return (Datum) 0;
}
