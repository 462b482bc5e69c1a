/*
 * errors.h
 *		Every SQLSTATE that paycore raises on its own account, in one list.
 *
 * The list feeds the C code (ERRCODE_PC_name), the SQL function
 * paycore.error_codes() and, through it, docs/errors.md.  The class is 'PY';
 * each entry gives its last three characters.
 */
#ifndef PAYCORE_ERRORS_H
#define PAYCORE_ERRORS_H

#include "postgres.h"

/* X(name, c3, c4, c5, meaning, what to do) */
#define PC_ERRORS(X) \
	X(CURRENCY_MISMATCH, '0', '0', '1', \
	  "two currencies meet in one sum, difference or comparison", \
	  "Convert one side, or group by currency(amount).") \
	X(UNKNOWN_CURRENCY, '0', '0', '2', \
	  "the text or number is no ISO 4217 currency", \
	  "Use an active three-letter code such as USD.") \
	X(WITHDRAWN_CURRENCY, '0', '0', '3', \
	  "the currency was withdrawn and cannot be used for new amounts", \
	  "Use its successor.") \
	X(MONEY_SYNTAX, '0', '0', '4', \
	  "the text is no amount of money", \
	  "Write 12.34 USD or USD 12.34.") \
	X(MONEY_SCALE, '0', '0', '5', \
	  "the amount has more decimals than its currency", \
	  "Round it first, with a rounding mode of your choice.") \
	X(MONEY_RANGE, '0', '0', '6', \
	  "the amount is outside +-(2^53 - 1) minor units", \
	  "Split the amount, or sum as numeric.") \
	X(NO_MINOR_UNIT, '0', '0', '7', \
	  "the currency has no minor unit to count amounts in (metals, test codes)", \
	  "Use a currency that people pay with.") \
	X(INTERVAL_SYNTAX, '0', '0', '8', \
	  "the text is no billing interval", \
	  "Write day, week, month, quarter or year, or several: 2 weeks.") \
	X(INTERVAL_RANGE, '0', '0', '9', \
	  "the billing interval is not within 1 day to 10 years", \
	  "Choose one within the range.") \
	X(ILLEGAL_TRANSITION, '0', '1', '0', \
	  "the lifecycle has no such step", \
	  "Call paycore.transitions('<type>') to see the legal steps.") \
	X(IMMUTABLE_COLUMN, '0', '1', '1', \
	  "the column never changes once the row exists", \
	  "Record a new fact in a new row.") \
	X(WRITE_ONCE, '0', '1', '2', \
	  "the column, or its group, is written once, together, and then stays", \
	  "Write the whole group in one UPDATE, once.") \
	X(APPEND_ONLY, '0', '1', '3', \
	  "rows of the table are never changed or removed", \
	  "Insert a correcting row.") \
	X(DIRECT_WRITE, '0', '1', '4', \
	  "the role may write here through paycore's functions only", \
	  "Call the API function for it.") \
	X(OVER_REFUND, '0', '2', '0', \
	  "the refund is more than what is left of the captured amount", \
	  "Refund at most paycore.available_to_refund(payment).") \
	X(AMOUNT_NOT_POSITIVE, '0', '2', '1', \
	  "the amount must be above zero", \
	  "Give a positive amount.") \
	X(NOT_REFUNDABLE, '0', '2', '2', \
	  "the payment is not in a state that can be refunded", \
	  "Wait until it has succeeded; cancel an uncaptured intent instead.") \
	X(APPROVAL, '0', '2', '3', \
	  "the approver is the requester, or the refund awaits no approval", \
	  "Let somebody else approve, once.") \
	X(NOT_REDEEMABLE, '0', '2', '4', \
	  "the coupon or promotion code is over, used up, or not for this account or subscription", \
	  "See the DETAIL of the error; offer another one.") \
	X(OVER_CREDIT, '0', '2', '5', \
	  "the credit note is more than what is left of the invoice, or of a line or tax of it", \
	  "Credit at most what is left.") \
	X(INTENT_STATE, '0', '3', '0', \
	  "the operation is not possible in the object's present status", \
	  "Read the row's status and act on that.") \
	X(OPERATION_PENDING, '0', '3', '1', \
	  "an operation of the same kind is still on its way to the gateway", \
	  "Wait for it, with paycore.await_payment_intent().") \
	X(CAPTURE_AMOUNT, '0', '3', '2', \
	  "the amount to capture is not within the authorised amount", \
	  "Capture at most amount_capturable.") \
	X(NOT_FOUND, '0', '4', '0', \
	  "no such object in this tenant", \
	  "Check the id and the setting paycore.tenant.") \
	X(ACCOUNT_CLOSED, '0', '4', '1', \
	  "the billing account is suspended or closed", \
	  "Reactivate it with paycore.update_billing_account().") \
	X(INVALID_ARGUMENT, '0', '4', '2', \
	  "an argument is missing, unknown or malformed, or its value is another row's", \
	  "See the DETAIL of the error.") \
	X(RESERVED_METADATA, '0', '4', '3', \
	  "metadata keys that start with paycore_ are reserved", \
	  "Choose another key.") \
	X(CARD_DATA, '0', '4', '4', \
	  "the value looks like a card number, a full IBAN or a security code", \
	  "Store the gateway's token instead.") \
	X(IDEMPOTENCY_MISMATCH, '0', '5', '0', \
	  "the idempotency key was used before with other arguments", \
	  "Use a new key for a new request.") \
	X(UNKNOWN_GATEWAY, '0', '6', '0', \
	  "no such gateway account", \
	  "See paycore.gateway_accounts.") \
	X(UNSUPPORTED, '0', '6', '1', \
	  "the gateway cannot do this", \
	  "See docs/gateways.md for what each gateway supports.") \
	X(GATEWAY_CURRENCY, '0', '6', '2', \
	  "the gateway cannot represent the amount in this currency", \
	  "See docs/gateways.md for each gateway's minor units.") \
	X(NOT_INITIALISED, '0', '7', '0', \
	  "the tables are missing or older than the extension", \
	  "Run SELECT paycore.init() as their owner.") \
	X(NOT_OWNER, '0', '7', '1', \
	  "only the owner of paycore's tables may do this", \
	  "Connect as the owner.") \
	X(SECRETS, '0', '7', '2', \
	  "the secrets file is missing, unreadable, too open or malformed", \
	  "See docs/gateways.md; the error names the line, never its text.") \
	X(OUTBOX_STATE, '0', '7', '3', \
	  "the outbox row is not in a state for this", \
	  "Read its status first.") \
	X(WORKER, '0', '7', '4', \
	  "the worker could not be started, or stopped halfway", \
	  "See docs/operations.md.") \
	X(ACCESS_LEVEL, '0', '7', '5', \
	  "the role may not read all that this reads", \
	  "Have the owner call paycore.grant_access(), or call it as the owner.") \
	X(UNBALANCED, '0', '8', '0', \
	  "the debits and credits of a transfer are not equal in each currency", \
	  "Add the missing side.") \
	X(LEDGER_ACCOUNT, '0', '8', '1', \
	  "the account of the ledger does not exist, is in another currency, or is another one under this code", \
	  "See paycore.list_ledger_accounts().") \
	X(BALANCE_EXCEEDED, '0', '8', '2', \
	  "the debit is more than what the account has", \
	  "Debit at most paycore.account_balance(), or say overdraw => true.") \
	X(INVOICE_SUM, '0', '8', '3', \
	  "the lines of a final invoice do not add up to it", \
	  "Void it, or write it off.") \
	X(OVER_PAYMENT, '0', '8', '4', \
	  "more would be applied to the invoice than is due, or it is none that can be paid", \
	  "Apply at most amount_due; put the rest onto the account's balance.") \
	X(PAYMENT_IN_FLIGHT, '0', '8', '5', \
	  "a payment of the invoice is on its way already", \
	  "Wait for it, with paycore.await_payment_intent().") \
	X(USAGE_TOO_LATE, '0', '8', '7', \
	  "the event of usage comes later than its meter's late_window allows", \
	  "Give the account a credit or a charge by hand, or widen the window.") \
	X(TRIGGER_USE, '0', '9', '0', \
	  "a guard is attached in a way it cannot work", \
	  "See docs/guards.md.")

#define PC_ERROR_ENUM(name, c3, c4, c5, meaning, action) \
	ERRCODE_PC_##name = MAKE_SQLSTATE('P', 'Y', c3, c4, c5),

enum PcErrorCode
{
	PC_ERRORS(PC_ERROR_ENUM)
};

#undef PC_ERROR_ENUM

#endif							/* PAYCORE_ERRORS_H */
