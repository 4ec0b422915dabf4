// SPDX-License-Identifier: MIT
/*
 * frames.h: frames of abi/control.h on the tender's end of the socket.
 */
#ifndef TENDER_CORE_FRAMES_H
#define TENDER_CORE_FRAMES_H

#include "abi/control.h"
#include "base/err.h"

#define FRAME_FDS 4u

/*
 * Wait for a frame.
 *
 * fds      get the descriptors that came with it, the rest -1.
 * Returns  1, 0 when the platform closed the socket, -EINTR when a signal
 *          came, -EPROTO for something that is no frame.
 */
int frames_recv(struct uf_frame *f, int fds[static FRAME_FDS]);

/* Close the descriptors that came with one. */
void frames_close(const int fds[static FRAME_FDS]);

/* Returns 0 or a negative errno. */
int frames_send(const struct uf_frame *f);

#endif
