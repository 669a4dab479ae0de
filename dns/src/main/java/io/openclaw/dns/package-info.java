/**
 * An authoritative answer to a DNS query, made from the health of the regions: the codec, the zone,
 * which regions an answer names, and what is refused. Pure: a packet and the time go in, a packet
 * comes out; the sockets are in {@code router}.
 */
@NullMarked
package io.openclaw.dns;

import org.jspecify.annotations.NullMarked;
