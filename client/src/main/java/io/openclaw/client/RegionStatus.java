package io.openclaw.client;

import java.net.URI;
import java.time.Duration;

/**
 * What the client thinks of a region.
 *
 * @param name its name
 * @param url its address
 * @param state {@code up}, {@code unknown} or {@code down}
 * @param latency the average latency; zero where there was none yet
 * @param underWay tries that it has not answered
 */
public record RegionStatus(String name, URI url, String state, Duration latency, int underWay) {}
