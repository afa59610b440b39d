/* clock.h: the time, in milliseconds. */
#ifndef WIRETAG_PROTO_RUN_CLOCK_H
#define WIRETAG_PROTO_RUN_CLOCK_H

#include <stdint.h>

/* Since some moment, never running backwards, asked anew: for what may fall due within
 * one long turn of the loop. loop_now is cheaper and stands still during a turn. */
int64_t clock_now(void);
/* Since 1970, UTC. */
int64_t clock_wall(void);

#endif
