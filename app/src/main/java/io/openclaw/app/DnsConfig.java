package io.openclaw.app;

import io.openclaw.dns.ZoneSettings;
import io.openclaw.router.DnsSettings;
import java.net.URI;
import java.util.Map;

/**
 * Everything {@code openclaw dns} was told, checked.
 *
 * @param zone what is answered
 * @param server where it listens, and its bounds
 * @param urls of the regions to probe, by name; empty beside a router, which probes
 * @param perSecond answers of one kind to one network, 0 for no limit
 * @param slip of how many answers too many one is sent truncated, 0 for none
 * @param metricsHost the address of the metrics port
 * @param metricsPort 0 for any free one
 */
record DnsConfig(
    ZoneSettings zone,
    DnsSettings server,
    Map<String, URI> urls,
    int perSecond,
    int slip,
    String metricsHost,
    int metricsPort) {}
