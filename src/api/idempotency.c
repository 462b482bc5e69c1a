/*
 * idempotency.c
 *		One key, one effect: a call that is repeated under its key finds what
 *		the first one made.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "catalog/pg_type.h"
#include "common/insert.h"
#include "common/settings.h"
#include "common/sha256.h"
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"

static void
add_bytes(StringInfo buffer, const void *bytes, int length)
{
	appendBinaryStringInfo(buffer, (const char *) &length, sizeof(length));
	appendBinaryStringInfo(buffer, bytes, length);
}

/*
 * Arguments in their binary form: no setting of the session (DateStyle,
 * client_encoding, ...) shows in it.
 */
static void
add_argument(StringInfo buffer, FunctionCallInfo fcinfo, int n)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, n);
	Oid			send;
	bool		varlena;
	bytea	   *image;

	if (PG_ARGISNULL(n))
	{
		int			none = -1;

		appendBinaryStringInfo(buffer, (const char *) &none, sizeof(none));
		return;
	}
	if (type == TEXTOID)
	{
		const text *t = PG_GETARG_TEXT_PP(n);

		add_bytes(buffer, VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
		return;
	}
	getTypeBinaryOutputInfo(type, &send, &varlena);
	image = OidSendFunctionCall(send, PG_GETARG_DATUM(n));
	add_bytes(buffer, VARDATA(image), VARSIZE(image) - VARHDRSZ);
}

/* Text is sent as it is stored: in the client's encoding it would be another, or could not be had. */
static void
add_arguments(StringInfo buffer, FunctionCallInfo fcinfo, int key_arg)
{
	int			client = pg_get_client_encoding();

	(void) SetClientEncoding(GetDatabaseEncoding());
	PG_TRY();
	{
		for (int i = 0; i < PG_NARGS(); i++)
		{
			if (i != key_arg)
				add_argument(buffer, fcinfo, i);
		}
	}
	PG_FINALLY();
	{
		(void) SetClientEncoding(client);
	}
	PG_END_TRY();
}

static bytea *
digest_of_call(FunctionCallInfo fcinfo, int key_arg, const char *operation)
{
	StringInfoData image;

	initStringInfo(&image);
	add_bytes(&image, operation, (int) strlen(operation));
	add_arguments(&image, fcinfo, key_arg);
	return pc_sha256(image.data, image.len);
}

static void
mismatch(const char *key, const char *first, const char *now)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_IDEMPOTENCY_MISMATCH),
			 errmsg("idempotency key \"%s\" was used before for another request", key),
			 strcmp(first, now) == 0
			 ? errdetail("That was a call of paycore.%s() with other arguments.", first)
			 : errdetail("That was a call of paycore.%s(); this is paycore.%s().", first, now),
			 errhint("Use a new key for a new request.")));
}

/* The key is taken, and its session has committed: is it this very request? */
static PcOnce
earlier_object(const char *key, Datum *values, const char *operation, const bytea *digest)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT operation, request_digest, object_id FROM paycore.idempotency_keys "
								 "WHERE tenant_id = $1 AND key = $2");
	PcOnce		once = {.done = true};
	bytea	   *first;
	bool		isnull;

	if (pc_api_plumbing(&plan, values, NULL) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("idempotency key \"%s\" is in use", key)));
	first = DatumGetByteaPP(pc_get(0, 2, &isnull));
	if (VARSIZE_ANY_EXHDR(first) != VARSIZE_ANY_EXHDR(digest) ||
		memcmp(VARDATA_ANY(first), VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest)) != 0)
		mismatch(key, pc_get_cstring(0, 1), operation);
	once.id = pc_get_id(0, 3);
	return once;
}

static PcInsert insert_key = PC_INSERT_NEW_OR(PC_IDEMPOTENCY_KEYS, "tttxtuzz",
	"tenant_id, key, operation, request_digest, object_type, object_id, created_at, expires_at",
	" ON CONFLICT (tenant_id, key) DO UPDATE SET operation = excluded.operation, "
	"request_digest = excluded.request_digest, object_type = excluded.object_type, "
	"object_id = excluded.object_id, created_at = excluded.created_at, expires_at = excluded.expires_at "
	"WHERE idempotency_keys.expires_at <= excluded.created_at");

/* Plumbing, as the owner of the tables.  False where somebody has the key already. */
static bool
take_key(Datum *values)
{
	PcIdentity	saved;
	volatile uint64 taken;

	pc_identity_assume(&saved, pc_owner(false));
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true);
	{
		taken = pc_insert(&insert_key, values, "        ");
	}
	PC_WRITE_END;
	pc_identity_drop(&saved);
	return taken > 0;
}

PcOnce
pc_once(const PcApiCall *call, FunctionCallInfo fcinfo, int key_arg, const char *operation, const char *object_type)
{
	char	   *key = pc_getarg_text(fcinfo, key_arg);
	bytea	   *digest;
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	Datum		values[8];
	PcOnce		once = {.done = false};

	pc_uuid_v7(&once.id);
	if (key == NULL)
		return once;
	pc_check_length(key, "idempotency_key", 255);
	pc_check_no_card_data(key, "idempotency_key");
	digest = digest_of_call(fcinfo, key_arg, operation);
	values[0] = CStringGetTextDatum(call->tenant);
	values[1] = CStringGetTextDatum(key);
	values[2] = CStringGetTextDatum(operation);
	values[3] = PointerGetDatum(digest);
	values[4] = CStringGetTextDatum(object_type);
	values[5] = UUIDPGetDatum(&once.id);
	values[6] = TimestampTzGetDatum(now);
	values[7] = TimestampTzGetDatum(TimestampTzPlusMilliseconds(now, pc_idempotency_retention * INT64CONST(1000)));
	if (!take_key(values))
		return earlier_object(key, values, operation, digest);
	return once;
}

void
pc_once_made(const PcApiCall *call, const char *key, const PcOnce *once, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ttu",
								 "UPDATE paycore.idempotency_keys SET object_id = $3 WHERE tenant_id = $1 AND key = $2");
	Datum		values[3];

	if (key == NULL || memcmp(&once->id, id, sizeof(*id)) == 0)
		return;
	values[0] = CStringGetTextDatum(call->tenant);
	values[1] = CStringGetTextDatum(key);
	values[2] = UUIDPGetDatum(id);
	(void) pc_api_plumbing(&plan, values, NULL);
}
