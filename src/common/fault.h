/*
 * fault.h
 *		Points at which a test build can be made to die, fail or wait.
 *
 * The setting paycore.fault lists "point=kill", "point=kill_postmaster",
 * "point=error" and "point=sleep:ms"; "point=kill@assistant" is for that process
 * alone.  Each point fires once: a file paycore_fault.<point> in the data
 * directory remembers that it has.
 */
#ifndef PAYCORE_FAULT_H
#define PAYCORE_FAULT_H

#include "common/paycore.h"

#ifdef PAYCORE_FAULT_POINTS
extern void pc_fault_init(void);	/* from _PG_init, before the settings are sealed */
extern void pc_fault(const char *point);
#define PC_FAULT(point) pc_fault(point)
#else
#define pc_fault_init() ((void) 0)
#define PC_FAULT(point) ((void) 0)
#endif

#endif							/* PAYCORE_FAULT_H */
