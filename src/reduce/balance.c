/*
 * balance.c
 *		A gateway's balance transaction becomes our row, and finds the payment,
 *		refund, dispute or payout that it is of.  One of a payment that waits
 *		for its fee brings it.
 */
#include "common/paycore.h"

#include "common/key_lock.h"
#include "common/number.h"
#include "miscadmin.h"
#include "reduce/internal.h"

static PcPlan transaction_by_psp_id = PC_PLAN("tt",
	"SELECT id, tenant_id, source_type, status, available_on, payout_id FROM paycore.balance_transactions"
	" WHERE psp_balance_transaction_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2");

static PcPlan insert_transaction = PC_PLAN("tttttmmmnjttttuuuuutzz",
	"INSERT INTO paycore.balance_transactions (id, tenant_id, gateway_account, psp_balance_transaction_id, type,"
	" reporting_category, amount, fee, net, exchange_rate, fee_details, description, psp_source_id, source_type,"
	" source_tenant_id, payment_id, refund_id, dispute_id, source_payout_id, payout_id, status, available_on, occurred_at)"
	" VALUES (paycore.uuid_v7($22), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"
	" coalesce($22, pg_catalog.now()))"
	" ON CONFLICT (psp_balance_transaction_id, gateway_account, tenant_id) DO NOTHING");

/* Only what is not known yet: the rest never changes. */
static PcPlan update_transaction = PC_PLAN("utttuuuuutz",
	"UPDATE paycore.balance_transactions SET"
	" source_type = coalesce(source_type, $3), source_tenant_id = coalesce(source_tenant_id, $4),"
	" payment_id = coalesce(payment_id, $5), refund_id = coalesce(refund_id, $6), dispute_id = coalesce(dispute_id, $7),"
	" source_payout_id = coalesce(source_payout_id, $8), payout_id = coalesce(payout_id, $9),"
	" status = CASE WHEN status OPERATOR(pg_catalog.=) 'available' THEN status ELSE coalesce($10, status) END,"
	" available_on = coalesce($11, available_on)"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan payment_of_source = PC_PLAN("tt",
	"SELECT p.id, p.tenant_id, p.id, p.settled_at IS NULL, EXISTS (SELECT FROM paycore.payment_intents i"
	"  WHERE i.id OPERATOR(pg_catalog.=) p.payment_intent_id AND i.tenant_id OPERATOR(pg_catalog.=) p.tenant_id"
	"  AND i.gateway_params OPERATOR(pg_catalog.?) 'application_fee_amount')"
	" FROM paycore.payments p"
	" WHERE p.psp_charge_id OPERATOR(pg_catalog.=) $1 AND p.gateway_account OPERATOR(pg_catalog.=) $2");

static PcPlan refund_of_source = PC_PLAN("tt",
	"SELECT r.id, r.tenant_id, r.payment_id, p.settled_at IS NULL, false FROM paycore.refunds r"
	" JOIN paycore.payments p ON p.id OPERATOR(pg_catalog.=) r.payment_id AND p.tenant_id OPERATOR(pg_catalog.=) r.tenant_id"
	" WHERE r.psp_refund_id OPERATOR(pg_catalog.=) $1 AND r.gateway_account OPERATOR(pg_catalog.=) $2");

static PcPlan dispute_of_source = PC_PLAN("tt",
	"SELECT id, tenant_id, payment_id, false, false FROM paycore.disputes"
	" WHERE psp_dispute_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2");

static PcPlan payout_of_source = PC_PLAN("tt",
	"SELECT id, tenant_id, id, false, false FROM paycore.payouts"
	" WHERE psp_payout_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2");

/* Whether a dispute's own list has the transaction. */
static PcPlan known_movement = PC_PLAN("utt",
	"SELECT 1 FROM paycore.disputes WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND balance_transactions OPERATOR(pg_catalog.@>) pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('id', $3))");

/* An object of another tenant is named, not pointed at. */
static PcPlan match_dispute = PC_PLAN("tutjt",
	"UPDATE paycore.balance_transactions b SET source_type = 'dispute', source_tenant_id = $3,"
	" dispute_id = CASE WHEN b.tenant_id OPERATOR(pg_catalog.=) $3 THEN $2 END"
	" FROM pg_catalog.jsonb_array_elements($4) m"
	" WHERE b.psp_balance_transaction_id OPERATOR(pg_catalog.=) (m OPERATOR(pg_catalog.->>) 'id')"
	" AND b.gateway_account OPERATOR(pg_catalog.=) $5 AND b.psp_source_id OPERATOR(pg_catalog.=) $1"
	" AND b.source_type IS NULL AND b.reporting_category OPERATOR(pg_catalog.=) ANY (ARRAY['dispute', 'dispute_reversal'])");

typedef enum SourceType
{
	SOURCE_PAYMENT,
	SOURCE_REFUND,
	SOURCE_DISPUTE,
	SOURCE_PAYOUT,
	SOURCE_NONE
} SourceType;

static const struct
{
	const char *name;
	PcPlan	   *find;
	GwOperation retrieve;
}			sources[] = {
	[SOURCE_PAYMENT] = {"payment", &payment_of_source, GW_CHARGE_RETRIEVE},
	[SOURCE_REFUND] = {"refund", &refund_of_source, GW_REFUND_RETRIEVE},
	[SOURCE_DISPUTE] = {"dispute", &dispute_of_source, GW_DISPUTE_RETRIEVE},
	[SOURCE_PAYOUT] = {"payout", &payout_of_source, GW_PAYOUT_RETRIEVE},
};

/* What the gateway's categories are of; those that are not here are of nothing that has a row. */
static const struct
{
	const char *category;
	SourceType	source;
}			categories[] = {
	{"charge", SOURCE_PAYMENT},
	{"charge_failure", SOURCE_PAYMENT},
	{"refund", SOURCE_REFUND},
	{"refund_failure", SOURCE_REFUND},
	{"partial_capture_reversal", SOURCE_REFUND},
	{"dispute", SOURCE_DISPUTE},
	{"dispute_reversal", SOURCE_DISPUTE},
	{"payout", SOURCE_PAYOUT},
	{"payout_reversal", SOURCE_PAYOUT},
};

typedef struct Source
{
	SourceType	type;			/* SOURCE_NONE where it was not found */
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	payment;		/* of a payment, refund or dispute */
	bool		unsettled;		/* the payment waits for its fee */
	bool		has_platform_fee;	/* which only the charge itself tells */
} Source;

typedef struct TransactionRow
{
	pg_uuid_t	id;
	char	   *tenant;
	bool		matched;
	bool		available;
	TimestampTz available_on;
	bool		has_payout;
} TransactionRow;

static SourceType
source_of(const char *category)
{
	for (int i = 0; category != NULL && i < (int) lengthof(categories); i++)
		if (strcmp(categories[i].category, category) == 0)
			return categories[i].source;
	return SOURCE_NONE;
}

static void
find_source(const GwBalance *b, const PcSighting *s, Source *source)
{
	SourceType	type = source_of(b->reporting_category);
	PcArgs		a = {0};

	memset(source, 0, sizeof(*source));
	source->type = SOURCE_NONE;
	if (type == SOURCE_NONE || b->source_id == NULL)
		return;
	pc_arg_text(&a, b->source_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(sources[type].find, &a, false) == 0)
		return;
	source->type = type;
	(void) pc_get_uuid(0, 1, &source->id);
	source->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &source->payment);
	source->unsettled = pc_get_bool(0, 4);
	source->has_platform_fee = pc_get_bool(0, 5);
}

static bool
find_row(const GwBalance *b, const PcSighting *s, TransactionRow *row)
{
	bool		isnull;
	char	   *status;
	PcArgs		a = {0};

	pc_arg_text(&a, b->id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&transaction_by_psp_id, &a, false) == 0)
		return false;
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	row->matched = pc_get_cstring(0, 3) != NULL;
	status = pc_get_cstring(0, 4);
	row->available = status != NULL && strcmp(status, "available") == 0;
	row->available_on = pc_get_time(0, 5);
	(void) pc_get(0, 6, &isnull);
	row->has_payout = !isnull;
	return true;
}

/*
 * A dispute's transaction and the dispute itself, recorded at the same time,
 * would not see each other: who comes second waits.
 */
void
pc_lock_movements(const char *psp_dispute_id)
{
	(void) pc_lock_key(PC_DISPUTES, psp_dispute_id, strlen(psp_dispute_id), true);
}

/* The payout whose transactions are being read, unless it is that payout's own. */
static const pg_uuid_t *
payout_of(const Source *source, const PcSighting *s)
{
	if (s->tenant == NULL || s->op != GW_BALANCE_LIST || strcmp(s->object_type, "payout") != 0)
		return NULL;
	if (source->type == SOURCE_PAYOUT && memcmp(&source->id, &s->object_id, UUID_LEN) == 0)
		return NULL;
	return &s->object_id;
}

/* The columns from source_type to payout_id.  An object of another tenant is named, not pointed at. */
static void
add_match(PcArgs *a, const char *tenant, const Source *source, const pg_uuid_t *payout)
{
	bool		found = source->type != SOURCE_NONE;
	bool		ours = found && strcmp(source->tenant, tenant) == 0;

	pc_arg_text(a, found ? sources[source->type].name : NULL);
	pc_arg_text(a, found ? source->tenant : NULL);
	for (SourceType type = SOURCE_PAYMENT; type < SOURCE_NONE; type++)
		pc_arg_uuid(a, ours && source->type == type ? &source->id : NULL);
	pc_arg_uuid(a, payout);
}

/* False where another session was faster. */
static bool
insert(const GwBalance *b, const char *tenant, const Source *source, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, b->id);
	pc_arg_text(&a, b->type);
	pc_arg_text(&a, b->reporting_category);
	pc_arg_money(&a, b->amount);
	pc_arg_money(&a, b->fee);
	pc_arg_money(&a, b->net);
	pc_arg(&a, b->exchange_rate != NULL ? pc_number_parse(b->exchange_rate) : (Datum) 0, b->exchange_rate == NULL);
	pc_arg_json(&a, b->fee_details);
	pc_arg_text(&a, b->description);
	pc_arg_text(&a, b->source_id);
	add_match(&a, tenant, source, payout_of(source, s));
	pc_arg_text(&a, b->status);
	pc_arg_time(&a, pc_from_unix(b->available_on));
	pc_arg_time(&a, pc_from_unix(b->created));
	pc_observe(&insert_transaction, &a, s);
	return SPI_processed > 0;
}

/* True where there was something new to write. */
static bool
update(const TransactionRow *row, const GwBalance *b, const Source *source, const PcSighting *s)
{
	const pg_uuid_t *payout = row->has_payout ? NULL : payout_of(source, s);
	bool		ripened = !row->available && b->status != NULL && strcmp(b->status, "available") == 0;
	TimestampTz available_on = pc_from_unix(b->available_on);
	PcArgs		a = {0};

	if (source->type == SOURCE_NONE && payout == NULL && !ripened &&
		(available_on == 0 || available_on == row->available_on))
		return false;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	add_match(&a, row->tenant, source, payout);
	pc_arg_text(&a, b->status);
	pc_arg_time(&a, available_on);
	pc_observe(&update_transaction, &a, s);
	return true;
}

/* What the payment brought in, which nobody had told us. */
static void
settle(const GwBalance *b, const Source *source, const PcSighting *s)
{
	PcPaymentRow payment;

	if (!source->unsettled || (strcmp(b->reporting_category, "charge") != 0 &&
							   strcmp(b->reporting_category, "partial_capture_reversal") != 0))
		return;
	if (!pc_lock_payment_by_id(source->tenant, &source->payment, &payment) || payment.settled)
		return;
	if (source->has_platform_fee)
		pc_look_at_payment(&payment, s, 0);
	else
		pc_settle(&payment, b, GW_NO_MONEY, s);
}

/* A dispute of which no event has told what it moved. */
static void
look_at_dispute(const GwBalance *b, const Source *source, const PcSighting *s)
{
	PcArgs		a = {0};

	if (source->type != SOURCE_DISPUTE)
		return;
	pc_arg_uuid(&a, &source->id);
	pc_arg_text(&a, source->tenant);
	pc_arg_text(&a, b->id);
	if (pc_execute_args(&known_movement, &a, false) == 0)
		pc_look(GW_DISPUTE_RETRIEVE, "dispute", source->tenant, &source->id, &source->id, s, 0);
}

/*
 * Movements of something that has no row here: payouts are always asked for,
 * refunds and disputes wherever they may turn out to be of a payment of ours,
 * charges where everybody's are wanted.
 */
static void
seek_source(const GwBalance *b, const PcSighting *s)
{
	SourceType	type = source_of(b->reporting_category);

	if (type == SOURCE_NONE || b->source_id == NULL)
		return;
	if (type == SOURCE_PAYOUT || ((type == SOURCE_REFUND || type == SOURCE_DISPUTE) && pc_may_adopt_unknown(s)) ||
		(type == SOURCE_PAYMENT && pc_would_adopt(NULL, s)))
		pc_look_at_unknown(sources[type].retrieve, b->source_id, s);
}

/* A transaction that is new to us. */
static bool
add(const GwBalance *b, const char *tenant, Source *source, const PcSighting *s)
{
	if (b->source_id != NULL && source_of(b->reporting_category) == SOURCE_DISPUTE)
		pc_lock_movements(b->source_id);
	find_source(b, s, source);
	if (!insert(b, tenant, source, s))
		return false;
	if (source->type == SOURCE_NONE)
		seek_source(b, s);
	return true;
}

PcReduced
pc_reduce_balance(const GwBalance *b, const PcSighting *s)
{
	const char *tenant = s->tenant != NULL ? s->tenant : pc_home_tenant(s);
	bool		changed = true;
	bool		known;
	TransactionRow row;
	Source		source = {.type = SOURCE_NONE};

	if (tenant == NULL)
		return PC_REDUCED_IGNORED;
	known = find_row(b, s, &row);
	if (!known && !add(b, tenant, &source, s))
		known = find_row(b, s, &row);
	if (known)
	{
		if (!row.matched)
			find_source(b, s, &source);
		changed = update(&row, b, &source, s);
	}
	settle(b, &source, s);
	look_at_dispute(b, &source, s);
	return changed ? PC_REDUCED_APPLIED : PC_REDUCED_UNCHANGED;
}

void
pc_match_movements(const char *psp_dispute_id, const char *tenant, const pg_uuid_t *id, const Jsonb *movements,
				   const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_dispute_id);
	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_json(&a, movements);
	pc_arg_text(&a, s->gateway_account);
	pc_observe(&match_dispute, &a, s);
}
