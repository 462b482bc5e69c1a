/*
 * receipt_document.c
 *		receipt_html(): a receipt as a document.
 *
 * The receipt itself says what was issued.  What happened to the money since
 * then (refunds, a payment that bounced) is read when the document is written.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/utf8.h"
#include "documents/locale.h"
#include "documents/receipt.h"
#include "types/money_args.h"

void
pc_check_locale(const char *tag)
{
	if (tag != NULL && !pc_locale_is_known(tag))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no locale \"%s\"", tag),
				 errhint("Use a language tag such as de-CH, en-US or ja.")));
}

/* The receipt with this id, or that of the payment or refund with it. */
static bool
read_receipt(const PcApiCall *call, const pg_uuid_t *id, PcReceipt *receipt, pg_uuid_t *payment_id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT r.number, r.amount, r.data, r.issued_at, "
								 "(r.data #>> '{payment,captured_at}')::timestamptz, "
								 "(r.data #>> '{refund,succeeded_at}')::timestamptz, "
								 "CASE WHEN coalesce(f.status::text, p.status::text) <> 'succeeded' "
								 "THEN coalesce(f.failed_at, f.canceled_at, p.failed_at, p.updated_at) END, "
								 "p.livemode IS FALSE, s.logo, r.payment_id "
								 "FROM paycore.receipts r "
								 "JOIN paycore.payments p ON p.id = r.payment_id AND p.tenant_id = r.tenant_id "
								 "LEFT JOIN paycore.refunds f ON f.id = r.refund_id AND f.tenant_id = r.tenant_id "
								 "LEFT JOIN paycore.sellers s ON s.tenant_id = r.tenant_id "
								 "WHERE r.tenant_id = $2 AND (r.id = $1 OR r.refund_id = $1 "
								 "OR (r.payment_id = $1 AND r.refund_id IS NULL))");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		return false;
	receipt->number = pc_get_cstring(0, 1);
	receipt->amount = pc_get_money(0, 2);
	receipt->data = pc_get_json(0, 3);
	receipt->issued_at = pc_get_time(0, 4);
	receipt->paid_at = pc_get_time(0, 5);
	receipt->refunded_at = pc_get_time(0, 6);
	receipt->failed_at = pc_get_time(0, 7);
	receipt->test = pc_get_bool(0, 8);
	receipt->logo = pc_get_cstring(0, 9);
	receipt->of_refund = pc_json_object(receipt->data, "refund") != NULL;
	*payment_id = pc_get_id(0, 10);
	return true;
}

static void
read_refunds(const PcApiCall *call, const pg_uuid_t *payment_id, PcReceipt *receipt)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT amount, status::text <> 'succeeded', coalesce(succeeded_at, created_at) "
								 "FROM paycore.refunds WHERE payment_id = $1 AND tenant_id = $2 AND kind = 'refund' "
								 "AND status::text IN ('pending', 'requires_action', 'succeeded') ORDER BY id");
	Datum		values[2] = {UUIDPGetDatum(payment_id), CStringGetTextDatum(call->tenant)};
	int			n = (int) pc_execute(&plan, values, NULL, false, 0);
	PcReceiptRefund *refunds = palloc0(sizeof(PcReceiptRefund) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		refunds[i].amount = pc_get_money(i, 1);
		refunds[i].pending = pc_get_bool(i, 2);
		refunds[i].date = pc_get_time(i, 3);
	}
	receipt->nrefunds = n;
	receipt->refunds = refunds;
}

pc_noreturn static void
no_receipt(const pg_uuid_t *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("there is no receipt %s, and none of a payment or refund with this id", pc_uuid_text(id)),
			 errhint("Issue it first, with paycore.issue_receipt(payment_id) or paycore.issue_refund_receipt(refund_id).")));
}

/* receipt_html(id, locale) */
PG_FUNCTION_INFO_V1(paycore_receipt_html);
PGDLLEXPORT Datum
paycore_receipt_html(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *locale = pc_getarg_text(fcinfo, 1);
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext old;
	PcReceipt	receipt = {0};
	pg_uuid_t	payment_id;
	PcApiCall	call;
	text	   *html;

	pc_check_locale(locale);
	pc_api_begin(&call);
	if (!read_receipt(&call, &id, &receipt, &payment_id))
		no_receipt(&id);
	if (!receipt.of_refund)
		read_refunds(&call, &payment_id, &receipt);
	html = pc_receipt_html(&receipt, locale);
	old = MemoryContextSwitchTo(caller);
	html = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(html));
	MemoryContextSwitchTo(old);
	pc_api_end(&call);
	PG_RETURN_TEXT_P(html);
}

/* format_money(amount, locale) */
PG_FUNCTION_INFO_V1(paycore_format_money);
PGDLLEXPORT Datum
paycore_format_money(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	char	   *tag = text_to_cstring(PG_GETARG_TEXT_PP(1));

	pc_check_locale(tag);
	PG_RETURN_TEXT_P(cstring_to_text(pc_from_utf8(pc_locale_money(pc_locale_open(tag), amount))));
}
