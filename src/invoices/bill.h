/*
 * bill.h
 *		The statement of a batch, in its parts: WHOSE and MOST say of whom, and
 *		of how many at most.  Included where a string is wanted.
 */
#include "invoices/bill_due.inc"
#include "invoices/bill_amounts.inc"
#include "invoices/bill_number.inc"
#include "invoices/bill_made.inc"
#include "invoices/bill_write.inc"
#include "invoices/bill_go_on.inc"
