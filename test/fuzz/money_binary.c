/*
 * money_binary.c
 *		Amounts, currencies, states and billing intervals from the binary protocol:
 *		what is taken goes out as the same bytes and lives through text; what
 *		is not is refused with an error of its own.
 */
#include "harness.h"

#include "lib/stringinfo.h"
#include "types/lifecycle.h"
#include "types/money.h"
#include "utils/fmgrprotos.h"

#define RECEIVED_TYPE(type) \
	extern Datum paycore_##type##_recv(PG_FUNCTION_ARGS); \
	extern Datum paycore_##type##_in(PG_FUNCTION_ARGS); \
	extern Datum paycore_##type##_out(PG_FUNCTION_ARGS);

#define FUNCTIONS_OF(type, send) \
	{paycore_##type##_recv, send, paycore_##type##_in, paycore_##type##_out}

RECEIVED_TYPE(money)
RECEIVED_TYPE(currency)
RECEIVED_TYPE(intent_status)
RECEIVED_TYPE(refund_status)
RECEIVED_TYPE(interval)

extern Datum paycore_money_send(PG_FUNCTION_ARGS);
extern Datum paycore_currency_send(PG_FUNCTION_ARGS);
extern Datum paycore_state_send(PG_FUNCTION_ARGS);
extern Datum paycore_interval_send(PG_FUNCTION_ARGS);

extern Datum paycore_money_add(PG_FUNCTION_ARGS);
extern Datum paycore_money_subtract(PG_FUNCTION_ARGS);

static const struct
{
	PGFunction	recv;
	PGFunction	send;
	PGFunction	in;
	PGFunction	out;
}			types[] = {
	FUNCTIONS_OF(money, paycore_money_send),
	FUNCTIONS_OF(currency, paycore_currency_send),
	FUNCTIONS_OF(intent_status, paycore_state_send),
	FUNCTIONS_OF(refund_status, paycore_state_send),
	FUNCTIONS_OF(interval, paycore_interval_send),
};

typedef struct Call
{
	PGFunction	function;
	Datum		arguments[2];
	Datum		result;
} Call;

static void
call_one(void *argument)
{
	Call	   *call = argument;

	call->result = DirectFunctionCall1(call->function, call->arguments[0]);
}

static void
call_two(void *argument)
{
	Call	   *call = argument;

	call->result = DirectFunctionCall2(call->function, call->arguments[0], call->arguments[1]);
}

static void
check_refusal(int sqlstate)
{
	must(sqlstate == ERRCODE_PROTOCOL_VIOLATION || sqlstate == ERRCODE_INVALID_BINARY_REPRESENTATION ||
		 sqlstate == ERRCODE_PC_UNKNOWN_CURRENCY || sqlstate == ERRCODE_PC_NO_MINOR_UNIT ||
		 sqlstate == ERRCODE_PC_MONEY_RANGE || sqlstate == ERRCODE_PC_INTERVAL_RANGE);
}

/* True, and the value, where the bytes are taken; they are left behind in message. */
static bool
received(int type, StringInfo message, Datum *value)
{
	Call		call = {.function = types[type].recv, .arguments = {PointerGetDatum(message)}};
	int			start = message->cursor;
	int			sqlstate = fuzz_sqlstate(call_one, &call);
	bytea	   *sent;
	Datum		text;

	must(message->cursor >= start && message->cursor <= message->len);
	if (sqlstate != 0)
	{
		check_refusal(sqlstate);
		return false;
	}
	*value = call.result;
	sent = DatumGetByteaP(DirectFunctionCall1(types[type].send, *value));
	must(VARSIZE(sent) - VARHDRSZ == message->cursor - start);
	must(memcmp(VARDATA(sent), message->data + start, message->cursor - start) == 0);
	text = DirectFunctionCall1(types[type].out, *value);
	must(DirectFunctionCall1(types[type].in, text) == *value);
	return true;
}

/* Right in 128 bits, or an error that says why not. */
static void
check_sum(PGFunction function, PcMoney a, PcMoney b, int sign)
{
	Call		call = {.function = function, .arguments = {PcMoneyGetDatum(a), PcMoneyGetDatum(b)}};
	int			sqlstate = fuzz_sqlstate(call_two, &call);
	int128		sum = (int128) pc_money_amount(a) + sign * (int128) pc_money_amount(b);

	if (pc_money_currency(a) != pc_money_currency(b))
		must(sqlstate == ERRCODE_PC_CURRENCY_MISMATCH);
	else if (sum > PC_MONEY_MAX || sum < -PC_MONEY_MAX)
		must(sqlstate == ERRCODE_PC_MONEY_RANGE);
	else
	{
		must(sqlstate == 0);
		must(pc_money_amount(DatumGetPcMoney(call.result)) == sum);
		must(pc_money_currency(DatumGetPcMoney(call.result)) == pc_money_currency(a));
	}
}

/* The first byte is the type; a second amount is added to the first. */
void
fuzz_one(const char *data, size_t size)
{
	StringInfoData message;
	Datum		value;
	Datum		other;
	int			type;

	if (size == 0)
		return;
	type = (unsigned char) data[0] % lengthof(types);
	message.data = fuzz_exact(data + 1, size - 1);
	message.len = message.maxlen = size - 1;
	message.cursor = 0;
	if (received(type, &message, &value) && type == 0 && received(type, &message, &other))
	{
		check_sum(paycore_money_add, DatumGetPcMoney(value), DatumGetPcMoney(other), 1);
		check_sum(paycore_money_subtract, DatumGetPcMoney(value), DatumGetPcMoney(other), -1);
	}
}
