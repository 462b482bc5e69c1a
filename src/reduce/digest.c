/*
 * digest.c
 *		Digests over the fields of a snapshot that we use.
 */
#include "common/paycore.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "reduce/digest.h"

/* Each field is preceded by its length, so that none can pose as its neighbour. */
static void
add_bytes(StringInfo s, const void *data, int32 len)
{
	appendBinaryStringInfo(s, (char *) &len, sizeof(len));
	if (len > 0)
		appendBinaryStringInfo(s, data, len);
}

static void
add_text(StringInfo s, const char *text)
{
	add_bytes(s, text, text != NULL ? (int32) strlen(text) : -1);
}

/* jsonb has one form for one content. */
static void
add_json(StringInfo s, const Jsonb *json)
{
	add_bytes(s, json, json != NULL ? (int32) VARSIZE(json) : -1);
}

static void
add_int(StringInfo s, int64 value)
{
	appendBinaryStringInfo(s, (char *) &value, sizeof(value));
}

static bytea *
finish(StringInfo s)
{
	bytea	   *digest = palloc(VARHDRSZ + PC_DIGEST_LEN);

	for (int half = 0; half < 2; half++)
	{
		uint64		hash = hash_bytes_extended((unsigned char *) s->data, s->len, half + 1);

		memcpy(VARDATA(digest) + half * sizeof(hash), &hash, sizeof(hash));
	}
	SET_VARSIZE(digest, VARHDRSZ + PC_DIGEST_LEN);
	pfree(s->data);
	return digest;
}

bytea *
pc_digest_intent(const GwIntent *i)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, i->id);
	add_text(&s, i->status);
	add_int(&s, i->amount);
	add_int(&s, i->amount_capturable);
	add_int(&s, i->amount_received);
	add_text(&s, i->customer_id);
	add_text(&s, i->method_id);
	add_text(&s, i->latest_charge_id);
	add_json(&s, i->next_action);
	add_text(&s, i->last_error.type);
	add_text(&s, i->last_error.code);
	add_text(&s, i->last_error.decline_code);
	add_text(&s, i->last_error.message);
	add_text(&s, i->last_error.charge_id);
	add_text(&s, i->cancellation_reason);
	add_text(&s, i->capture_method);
	add_text(&s, i->confirmation_method);
	add_text(&s, i->setup_future_usage);
	add_text(&s, i->description);
	add_json(&s, i->metadata);
	add_int(&s, i->canceled_at);
	return finish(&s);
}

bytea *
pc_digest_charge(const GwCharge *c)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, c->id);
	add_text(&s, c->status);
	add_int(&s, c->captured);
	add_int(&s, c->captured ? 0 : c->refunded);
	add_int(&s, c->amount);
	add_int(&s, c->amount_captured);
	add_text(&s, c->intent_id);
	add_text(&s, c->balance_transaction_id);
	add_text(&s, c->failure_balance_transaction);
	add_text(&s, c->failure.code);
	add_text(&s, c->failure.message);
	add_text(&s, c->method_type);
	add_json(&s, c->method_details);
	add_text(&s, c->description);
	add_text(&s, c->receipt_email);
	add_text(&s, c->receipt_number);
	add_text(&s, c->receipt_url);
	add_int(&s, c->capture_before);
	return finish(&s);
}

bytea *
pc_digest_refund(const GwRefund *r)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, r->id);
	add_text(&s, r->status);
	add_int(&s, r->amount);
	add_text(&s, r->reason);
	add_text(&s, r->failure_reason);
	add_text(&s, r->pending_reason);
	add_text(&s, r->balance_transaction_id);
	add_text(&s, r->failure_balance_transaction);
	add_text(&s, r->receipt_number);
	add_json(&s, r->next_action);
	add_json(&s, r->destination_details);
	return finish(&s);
}

bytea *
pc_digest_customer(const GwCustomer *c)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, c->id);
	add_int(&s, c->deleted);
	add_text(&s, c->name);
	add_text(&s, c->email);
	add_text(&s, c->phone);
	add_json(&s, c->address);
	add_text(&s, c->default_method_id);
	add_json(&s, c->metadata);
	return finish(&s);
}

bytea *
pc_digest_method(const GwMethod *m)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, m->id);
	add_text(&s, m->customer_id);
	add_text(&s, m->type);
	add_json(&s, m->details);
	add_json(&s, m->billing_details);
	add_json(&s, m->metadata);
	return finish(&s);
}

bytea *
pc_digest_payout(const GwPayout *p)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, p->id);
	add_text(&s, p->status);
	add_text(&s, p->description);
	add_text(&s, p->reconciliation_status);
	add_text(&s, p->balance_transaction_id);
	add_text(&s, p->failure_balance_transaction);
	add_text(&s, p->failure_code);
	add_text(&s, p->failure_message);
	add_text(&s, p->original_payout);
	add_text(&s, p->reversed_by);
	add_text(&s, p->trace_id);
	add_json(&s, p->metadata);
	add_int(&s, p->arrival_date);
	return finish(&s);
}

bytea *
pc_digest_setup(const GwSetup *i)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, i->id);
	add_text(&s, i->status);
	add_text(&s, i->usage);
	add_text(&s, i->customer_id);
	add_text(&s, i->method_id);
	add_text(&s, i->mandate_id);
	add_json(&s, i->next_action);
	add_text(&s, i->last_error.type);
	add_text(&s, i->last_error.code);
	add_text(&s, i->last_error.decline_code);
	add_text(&s, i->last_error.message);
	add_text(&s, i->cancellation_reason);
	add_text(&s, i->description);
	add_json(&s, i->metadata);
	return finish(&s);
}

bytea *
pc_digest_mandate(const GwMandate *m)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, m->id);
	add_text(&s, m->status);
	add_text(&s, m->type);
	add_text(&s, m->method_id);
	add_text(&s, m->method_type);
	add_text(&s, m->acceptance);
	add_int(&s, m->accepted_at);
	return finish(&s);
}

bytea *
pc_digest_dispute(const GwDispute *d)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, d->id);
	add_text(&s, d->status);
	add_int(&s, d->amount);
	add_text(&s, d->kind);
	add_text(&s, d->reason);
	add_text(&s, d->network_reason_code);
	add_int(&s, d->is_charge_refundable);
	add_json(&s, d->evidence);
	add_int(&s, d->due_by);
	add_int(&s, d->has_evidence);
	add_int(&s, d->past_due);
	add_int(&s, d->submission_count);
	add_json(&s, d->enhanced_eligibility);
	for (int i = 0; i < d->nbalances; i++)
		add_text(&s, d->balances[i]->id);
	add_json(&s, d->metadata);
	return finish(&s);
}

bytea *
pc_digest_warning(const GwWarning *w)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, w->id);
	add_text(&s, w->fraud_type);
	add_int(&s, w->actionable);
	return finish(&s);
}

bytea *
pc_digest_review(const GwReview *r)
{
	StringInfoData s;

	initStringInfo(&s);
	add_text(&s, r->id);
	add_text(&s, r->charge_id);
	add_int(&s, r->open);
	add_text(&s, r->reason);
	add_text(&s, r->opened_reason);
	add_text(&s, r->closed_reason);
	return finish(&s);
}

bool
pc_digest_equal(const bytea *a, const bytea *b)
{
	return a != NULL && b != NULL &&
		VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}
