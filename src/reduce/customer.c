/*
 * customer.c
 *		A gateway's customer and our billing account.
 */
#include "common/paycore.h"

#include "mb/pg_wchar.h"
#include "outbox/outbox.h"
#include "reduce/internal.h"

#define MAX_EMAIL 512

static PcPlan update_account = PC_PLAN("uttttttttttjbxz",
	"UPDATE paycore.billing_accounts SET psp_customer_id = coalesce(psp_customer_id, $3), name = $4, email = $5,"
	" phone = $6, address_line1 = $7, address_line2 = $8, city = $9, state = $10, postal_code = $11,"
	" metadata = coalesce($12, metadata), gw_deleted = $13, gw_digest = $14, gw_time = $15, gw_doubt = false"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

/* Where our own values stand: the picture is noted, and nothing else of it. */
static PcPlan note_account = PC_PLAN("uttbxz",
	"UPDATE paycore.billing_accounts SET psp_customer_id = coalesce(psp_customer_id, $3), gw_deleted = $4,"
	" gw_digest = $5, gw_time = $6, gw_doubt = false"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_account = PC_PLAN("uttzb",
	"UPDATE paycore.billing_accounts SET psp_customer_id = coalesce(psp_customer_id, $3),"
	" gw_time = greatest(gw_time, $4), gw_doubt = $5"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

/* The event says that it changed just what we have. */
static bool
previous_matches(const PcAccountRow *row, const PcSighting *s)
{
	const struct
	{
		const char *key;
		const char *ours;
	}			fields[] = {{"name", row->name}, {"email", row->email}, {"phone", row->phone}};
	bool		any = false;

	for (int i = 0; s->previous != NULL && i < (int) lengthof(fields); i++)
	{
		char	   *previous = pc_json_text(s->previous, fields[i].key);

		if (previous == NULL)
			continue;
		if (!pc_same_text(previous, fields[i].ours))
			return false;
		any = true;
	}
	return any;
}

static void
touch(const PcAccountRow *row, const GwCustomer *c, bool doubt, TimestampTz time, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, c->id);
	pc_arg_time(&a, time);
	pc_arg_bool(&a, doubt);
	pc_observe(&touch_account, &a, s);
}

static void
note(const PcAccountRow *row, const GwCustomer *c, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, c->id);
	pc_arg_bool(&a, c->deleted);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(pc_seen_second(s), row->known.time));
	pc_observe(&note_account, &a, s);
}

static void
take(const PcAccountRow *row, const GwCustomer *c, bytea *digest, const PcSighting *s)
{
	bool		same = pc_same_metadata(row->metadata, c->metadata);
	bool		fits = c->email == NULL || pg_mbstrlen(c->email) <= MAX_EMAIL;
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, c->id);
	pc_arg_text(&a, c->name);
	pc_arg_text(&a, fits ? c->email : row->email);
	pc_arg_text(&a, c->phone);
	pc_arg_text(&a, pc_json_text(c->address, "line1"));
	pc_arg_text(&a, pc_json_text(c->address, "line2"));
	pc_arg_text(&a, pc_json_text(c->address, "city"));
	pc_arg_text(&a, pc_json_text(c->address, "state"));
	pc_arg_text(&a, pc_json_text(c->address, "postal_code"));
	pc_arg_json(&a, same ? NULL : pc_users_metadata(c->metadata));
	pc_arg_bool(&a, false);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(pc_seen_second(s), row->known.time));
	pc_observe(&update_account, &a, s);
}

/* Made for a payment of a customer of whom nothing but the id was known. */
static bool
is_adopted(const PcAccountRow *row, const GwCustomer *c)
{
	return pc_same_text(row->name, c->id) && row->email == NULL;
}

/*
 * Ours stand in the first picture (we made the customer of them), while an
 * update of ours is unsent, and when the customer is deleted.
 */
static void
apply(const PcAccountRow *row, const GwCustomer *c, bytea *digest, const PcSighting *s)
{
	if (c->deleted || (row->known.time == 0 && !is_adopted(row, c)) ||
		pc_outbox_unfinished(GW_CUSTOMER_UPDATE, row->tenant, &row->id, false, NULL, NULL))
		note(row, c, digest, s);
	else
		take(row, c, digest, s);
}

static void
look(const PcAccountRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_CUSTOMER_RETRIEVE, "billing_account", row->tenant, &row->id, &row->id, s, delay_ms);
}

static PcOrder
order_of(const PcAccountRow *row, const GwCustomer *c, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);

	p.known_final = row->deleted;
	p.seen_final = c->deleted;
	p.previous_matches = previous_matches(row, s);
	return pc_order(&p);
}

PcReduced
pc_reduce_customer(const GwCustomer *c, const PcSighting *s)
{
	PcAccountRow row;
	bytea	   *digest = pc_digest_customer(c);

	/* An unknown customer gets a row with its first payment, which brings the currency. */
	if (!pc_find_account(c->id, c->metadata, s, true, &row))
		return PC_REDUCED_IGNORED;
	if (s->only_hint)
	{
		look(&row, s, 0);
		return PC_REDUCED_DOUBT;
	}
	switch (order_of(&row, c, digest, s))
	{
		case PC_ORDER_SAME:
			return PC_REDUCED_UNCHANGED;
		case PC_ORDER_TOUCH:
			touch(&row, c, false, pc_seen_second(s), s);
			return PC_REDUCED_UNCHANGED;
		case PC_ORDER_MERGE:
			if (row.psp_id == NULL)
				touch(&row, c, row.known.doubt, row.known.time, s);
			return PC_REDUCED_STALE;
		case PC_ORDER_DOUBT:
			touch(&row, c, true, row.known.time, s);
			look(&row, s, PC_DOUBT_DELAY_MS);
			return PC_REDUCED_DOUBT;
		case PC_ORDER_APPLY:
			break;
	}
	apply(&row, c, digest, s);
	return PC_REDUCED_APPLIED;
}
