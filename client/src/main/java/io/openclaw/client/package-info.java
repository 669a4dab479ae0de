/**
 * The Java client library: ratings from the nearest healthy region, without a proxy between.
 *
 * <p>A call's way: {@link io.openclaw.client.OpenClawClient} makes an {@code Order} of it, a {@code
 * Call} decides where it is tried and when again, an {@code Attempt} tries it in one region over
 * the JDK's HTTP client; a {@code Prober} checks the regions beside it. Health, steering and the
 * retry budget are those of the router (module {@code steer}).
 */
@NullMarked
package io.openclaw.client;

import org.jspecify.annotations.NullMarked;
