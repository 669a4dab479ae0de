/**
 * The global front door: health checks, steering, retries in another region, streaming proxy.
 *
 * <p>A request's way: {@link io.openclaw.router.FrontDoor} receives it, an {@link
 * io.openclaw.router.Exchange} gathers its body and decides, an {@link io.openclaw.router.Attempt}
 * tries it in one region; {@link io.openclaw.router.Prober} checks the regions beside it.
 */
@NullMarked
package io.openclaw.router;

import org.jspecify.annotations.NullMarked;
