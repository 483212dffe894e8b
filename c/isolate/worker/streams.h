/* The worker over its standard streams: for hosts that make no foreign calls. */
#ifndef ISO_STREAMS_H
#define ISO_STREAMS_H

/* Serves the host that started this program with pipes as its standard streams, until the end of
 * standard input. Never returns. */
_Noreturn void iso_serve_streams(void);

#endif
