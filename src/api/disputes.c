/*
 * disputes.c
 *		Answering a dispute: evidence is staged, then submitted, once; or the
 *		loss is accepted.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "mb/pg_wchar.h"
#include "utils/timestamp.h"

/* What the banks' forms hold in all. */
#define MAX_EVIDENCE 150000

typedef struct PcDispute
{
	pg_uuid_t	id;
	DisputeStatus status;
	char	   *gateway_account;
	TimestampTz due_by;			/* 0 = none */
	int			submission_count;
	Jsonb	   *evidence;		/* staged, with what is about to be */
	int64		evidence_size;
} PcDispute;

/* $3: evidence to be staged on top of what is, or null. */
static void
lock_dispute(const PcApiCall *call, const pg_uuid_t *id, const Jsonb *evidence, PcDispute *dispute)
{
	static PcPlan plan = PC_PLAN("utj",
								 "SELECT d.status, d.gateway_account, d.evidence_due_by, d.submission_count, e.merged, "
								 "(SELECT coalesce(sum(length(v.key) + length(v.value)), 0) FROM jsonb_each_text(e.merged) v) "
								 "FROM paycore.disputes d, LATERAL (SELECT jsonb_strip_nulls(d.evidence || coalesce($3, '{}')) AS merged) e "
								 "WHERE d.id = $1 AND d.tenant_id = $2 FOR NO KEY UPDATE OF d");
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), JsonbPGetDatum(evidence)};
	bool		isnull;

	if (pc_execute(&plan, values, evidence == NULL ? "  n" : NULL, false, 1) == 0)
		pc_not_found("dispute", id);
	dispute->id = *id;
	dispute->status = DatumGetPcState(pc_get(0, 1, &isnull));
	dispute->gateway_account = pc_get_cstring(0, 2);
	dispute->due_by = pc_get_time(0, 3);
	dispute->submission_count = pc_get_int32(0, 4);
	dispute->evidence = DatumGetJsonbPCopy(pc_get(0, 5, &isnull));
	dispute->evidence_size = pc_get_int64(0, 6);
}

static void
refuse_manual(const PcApiCall *call, const PcDispute *dispute, const char *verb)
{
	PcGatewayAccount gateway;

	pc_gateway_account(call, dispute->gateway_account, &gateway);
	pc_refuse_manual(&gateway, verb);
}

static void
check_not_pending(const PcApiCall *call, const PcDispute *dispute, GwOperation op)
{
	if (pc_outbox_unfinished(op, call->tenant, &dispute->id, false, NULL, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OPERATION_PENDING),
				 errmsg("%s of dispute %s is still on its way", gw_operation_name(op), pc_uuid_text(&dispute->id))));
}

static void
check_waits(const PcApiCall *call, const PcDispute *dispute, const char *verb)
{
	if (dispute->status != DISPUTE_NEEDS_RESPONSE && dispute->status != DISPUTE_WARNING_NEEDS_RESPONSE)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("a dispute that is %s cannot be %s",
						pc_state_name(&pc_dispute_lifecycle, dispute->status), verb),
				 errdetail("It is dispute %s.", pc_uuid_text(&dispute->id)),
				 errhint("Only one that needs a response can.")));
	check_not_pending(call, dispute, GW_DISPUTE_SUBMIT);
	check_not_pending(call, dispute, GW_DISPUTE_CLOSE);
}

static void
check_in_time(const PcDispute *dispute)
{
	if (dispute->due_by != 0 && dispute->due_by < GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("the time to answer dispute %s is over", pc_uuid_text(&dispute->id)),
				 errdetail("It was due by %s.", timestamptz_to_str(dispute->due_by)),
				 errhint("SELECT paycore.refresh_dispute(id) asks whether the bank has moved it.")));
}

pc_noreturn static void
refuse_value(const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("evidence \"%s\" must be a text, a file's id, or null", key),
			 errhint("Only enhanced_evidence is an object.")));
}

static void
check_evidence(const Jsonb *evidence)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	pc_check_object(evidence, "evidence");
	if (evidence == NULL)
		return;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &evidence->root));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		else if (token == WJB_VALUE && v.type != jbvString && v.type != jbvNull &&
				 !(v.type == jbvBinary && strcmp(key, "enhanced_evidence") == 0))
			refuse_value(key);
	}
}

static void
check_size(const PcDispute *dispute)
{
	if (dispute->evidence_size > MAX_EVIDENCE)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the evidence is longer than %d characters in all", MAX_EVIDENCE),
				 errdetail("With what is staged already it has " INT64_FORMAT ".", dispute->evidence_size),
				 errhint("Shorten it, or upload files at the gateway and give their ids.")));
}

static void
request(const PcApiCall *call, const PcDispute *dispute, GwOperation op, const Jsonb *params)
{
	PcRequest	row = {
		.op = op,
		.tenant = call->tenant,
		.gateway_account = dispute->gateway_account,
		.object_type = "dispute",
		.object_id = dispute->id,
		.lane = dispute->id,
		.params = params,
		.account_seen = true
	};

	if (gw_operation_is_read(op))
		(void) pc_outbox_enqueue_look(&row);
	else
		(void) pc_outbox_enqueue(&row);
}

static Jsonb *
params_of(const PcDispute *dispute, const Jsonb *evidence, const Jsonb *metadata)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	if (evidence != NULL)
		pc_json_add_json(&b, "evidence", evidence);
	if (metadata != NULL)
		pc_json_add_json(&b, "metadata", metadata);
	pc_json_add_int64(&b, "submissions", dispute->submission_count);
	return pc_json_end(&b);
}

/* update_dispute_evidence(id, evidence, metadata) */
PG_FUNCTION_INFO_V1(paycore_update_dispute_evidence);
PGDLLEXPORT Datum
paycore_update_dispute_evidence(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utjj",
									 "UPDATE paycore.disputes SET evidence = $3, "
									 "metadata = jsonb_strip_nulls(metadata || coalesce($4, '{}')) "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_DISPUTES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *evidence = pc_getarg_json(fcinfo, 1);
	Jsonb	   *metadata = pc_getarg_json(fcinfo, 2);
	PcApiCall	call;
	PcDispute	dispute;
	Datum		values[4];
	Datum		row;

	check_evidence(evidence);
	pc_check_metadata(metadata, true);
	pc_api_begin(&call);
	lock_dispute(&call, &id, evidence, &dispute);
	refuse_manual(&call, &dispute, "take evidence");
	check_waits(&call, &dispute, "given evidence");
	check_in_time(&dispute);
	check_size(&dispute);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = JsonbPGetDatum(dispute.evidence);
	values[3] = JsonbPGetDatum(metadata);
	pc_api_write(&plan, values, metadata == NULL ? "   n" : NULL, NULL);
	row = pc_api_row(PC_DISPUTES, "dispute", &id);
	if ((evidence != NULL && JB_ROOT_COUNT(evidence) > 0) || (metadata != NULL && JB_ROOT_COUNT(metadata) > 0))
		request(&call, &dispute, GW_DISPUTE_UPDATE, params_of(&dispute, evidence, metadata));
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* submit_dispute_evidence(id): all that is staged, as one whole */
PG_FUNCTION_INFO_V1(paycore_submit_dispute_evidence);
PGDLLEXPORT Datum
paycore_submit_dispute_evidence(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.disputes SET submitted_at = now() "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_DISPUTES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcDispute	dispute;
	Datum		values[2];
	Datum		row;

	pc_api_begin(&call);
	lock_dispute(&call, &id, NULL, &dispute);
	refuse_manual(&call, &dispute, "take evidence");
	check_waits(&call, &dispute, "answered");
	check_in_time(&dispute);
	if (JB_ROOT_COUNT(dispute.evidence) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("dispute %s has no evidence to submit", pc_uuid_text(&id)),
				 errhint("Stage some with paycore.update_dispute_evidence() first.")));
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_api_row(PC_DISPUTES, "dispute", &id);
	request(&call, &dispute, GW_DISPUTE_SUBMIT, params_of(&dispute, dispute.evidence, NULL));
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static Datum
ask(const pg_uuid_t *id, GwOperation op, const char *verb)
{
	PcApiCall	call;
	PcDispute	dispute;
	Datum		row;

	pc_api_begin(&call);
	lock_dispute(&call, id, NULL, &dispute);
	refuse_manual(&call, &dispute, verb);
	if (!gw_operation_is_read(op))
		check_waits(&call, &dispute, "closed");
	request(&call, &dispute, op, NULL);
	row = pc_api_read(PC_DISPUTES, &call, id);
	pc_api_end(&call);
	return row;
}

/* close_dispute(id) */
PG_FUNCTION_INFO_V1(paycore_close_dispute);
PGDLLEXPORT Datum
paycore_close_dispute(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");

	PG_RETURN_DATUM(ask(&id, GW_DISPUTE_CLOSE, "close a dispute"));
}

/* refresh_dispute(id) */
PG_FUNCTION_INFO_V1(paycore_refresh_dispute);
PGDLLEXPORT Datum
paycore_refresh_dispute(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");

	PG_RETURN_DATUM(ask(&id, GW_DISPUTE_RETRIEVE, "be asked"));
}

/* acknowledge_dispute(id) */
PG_FUNCTION_INFO_V1(paycore_acknowledge_dispute);
PGDLLEXPORT Datum
paycore_acknowledge_dispute(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.disputes SET acknowledged_at = now() "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_DISPUTES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	row = pc_api_change(&call, &plan, "dispute", &id, NULL);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
