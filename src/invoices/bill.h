/*
 * bill.h
 *		The statement of a batch, from "due" on, as C string literals: for
 *		batch.c, which says before what "given" is.
 */
#include "invoices/bill_due.inc"
#include "invoices/bill_amounts.inc"
#include "invoices/bill_number.inc"
#include "invoices/bill_made.inc"
#include "invoices/bill_write.inc"
#include "invoices/bill_go_on.inc"
